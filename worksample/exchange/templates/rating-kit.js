// An interview kit on screen: drafts that save themselves, and one key for each level of the line
// that one stands on. Without it, the form's buttons do the same.
"use strict";
(() => {
  const form = document.getElementById("kit");
  const state = document.getElementById("state");
  if (!state) return;
  const WAIT = 1000; // milliseconds after the last change until a draft is saved
  let waiting = 0;
  let dirty = false;

  async function save() {
    dirty = false;
    const body = new URLSearchParams(new FormData(form));
    body.set("quiet", "1");
    try {
      const reply = await fetch(form.action, { method: "POST", body });
      if (reply.status === 401 || reply.redirected) throw new Error("sign in again");
      if (!reply.ok) throw new Error(`${reply.status}`);
      const { left } = await reply.json();
      const rest = left.length ? `${left.length} left, next: ${left[0]}` : "Everything is filled in.";
      state.textContent = `Saved as a draft. ${rest}`;
    } catch (error) {
      dirty = true;
      state.textContent = `Not saved (${error.message}); it is tried again.`;
      waiting = setTimeout(save, 10 * WAIT);
    }
  }

  function changed() {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(save, WAIT);
  }

  form.addEventListener("input", changed);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    dirty = false;
  });
  form.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !/^[0-4]$/.test(event.key)) return;
    const line = event.target.closest("fieldset.line");
    const one = line?.querySelector(`input[type=radio][value="${event.key}"]`);
    if (!one) return;
    event.preventDefault();
    one.checked = true;
    one.focus();
    changed();
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
})();

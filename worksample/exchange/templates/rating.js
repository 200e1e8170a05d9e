// The rating screen's keys, picking evidence, and drafts that save themselves. Without it, the
// forms of the page do the same, one press of a button at a time.
"use strict";
(() => {
  const frame = document.getElementById("attempt");
  const form = document.getElementById("rate");
  const state = document.getElementById("state");
  const keys = document.getElementById("use-keys");
  const WAIT = 500; // milliseconds after the last change until a draft is saved

  // ---- the attempt, which has an origin of its own ----

  const ask = (what, more = {}) =>
    frame.contentWindow.postMessage({ from: "rating", do: what, ...more }, "*");

  const text = (value, most) => (typeof value === "string" ? value.slice(0, most) : "");

  window.addEventListener("message", (event) => {
    // nothing but what the attempt's own window says, and nothing of it but short texts
    if (event.source !== frame.contentWindow || event.data?.from !== "attempt") return;
    if (event.data.event === "key") press(text(event.data.key, 20), event.data.ctrl === true);
    if (event.data.event === "picked") picked(event.data);
  });

  function picked(said) {
    const cell = document.getElementById("cell");
    const chosen = [...(cell?.options ?? [])].find((each) => each.value === text(said.cell, 128));
    if (!chosen) return;
    cell.value = chosen.value;
    const quote = text(said.quote, 600).replace(/\s+/g, " ").trim();
    const figure = Number.isInteger(said.figure) ? `Figure ${said.figure}` : "";
    const found = quote ? `“${quote}”` : figure;
    const words = document.getElementById("evidence");
    if (found && !words.value.includes(found)) {
      words.value = [words.value.trim(), found].filter(Boolean).join("\n");
    }
    tell(`Seen in: ${chosen.text}`);
    changed();
  }

  // ---- drafts ----

  let waiting = 0;
  let dirty = false;
  let sending = null;

  const tell = (words) => {
    if (state) state.textContent = words;
  };

  function changed() {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(save, WAIT);
  }

  async function save() {
    clearTimeout(waiting);
    if (sending) await sending;
    if (!form || !dirty) return true;
    dirty = false;
    sending = send();
    const done = await sending;
    sending = null;
    dirty = dirty || !done;
    return done;
  }

  async function send() {
    const body = new URLSearchParams(new FormData(form));
    body.set("quiet", "1");
    try {
      const reply = await fetch(form.action, { method: "POST", body });
      if (reply.status === 401 || reply.redirected) throw new Error("sign in again");
      if (!reply.ok) throw new Error(`${reply.status}`);
      show(await reply.json());
      return true;
    } catch (error) {
      tell(`Not saved (${error.message}). What you entered is still here; it is tried again.`);
      waiting = setTimeout(save, 10 * WAIT);
      return false;
    }
  }

  function show(now) {
    state.dataset.next = now.next;
    const one = document.querySelector(`[data-state="${CSS.escape(form.criterion.value)}"]`);
    one.textContent = now.complete ? "complete" : "begun";
    one.closest("li").className = one.textContent;
    const names = now.left.map((id) =>
      document.querySelector(`[data-state="${CSS.escape(id)}"]`).previousElementSibling.textContent);
    document.getElementById("left").textContent = names.length
      ? `Left in this attempt: ${names.join(", ")}`
      : "Everything in this attempt is rated.";
    document.getElementById("submit").hidden = names.length > 0;
    tell(now.complete ? "Saved as a draft." : `Saved as a draft; to be complete it needs ${lacks()}.`);
  }

  function lacks() {
    const level = form.querySelector("[name=value]:checked")?.value;
    if (level === undefined) return "a level";
    return level === "0" ? "a reason" : "the cell in which it is seen";
  }

  // ---- keys ----

  const open = (id) => {
    const part = document.getElementById(id);
    if (!part) return;
    part.open = !part.open;
    if (part.open) part.scrollIntoView({ block: "nearest" });
    part.querySelector("summary").focus();
  };

  async function go(where) {
    if (where && (await save())) location.assign(where);
  }

  function level(value) {
    const one = document.getElementById(`level-${value}`);
    if (!one || !form) return;
    one.checked = true;
    changed();
    if (value === "0") document.getElementById("reason").focus();
    else tell(`Level ${value}`);
  }

  const TO_FRAME = { j: "next", k: "previous", s: "sentence", f: "figure", e: "pick" };

  function press(key, ctrl) {
    if (ctrl) {
      const button = document.getElementById("submit");
      if (key === "Enter" && button && !button.hidden) save().then((ok) => ok && button.click());
      return true;
    }
    if (!keys.checked) return false;
    if (/^[0-4]$/.test(key)) level(key);
    else if (TO_FRAME[key]) ask(TO_FRAME[key]);
    else if (key === "g") ask("go", { anchor: frame.dataset.concerned });
    else if (key === "n") go(state ? state.dataset.next : document.querySelector("a.button")?.href);
    else if (key === "p") go(state?.dataset.before);
    else if (key === "t") open("card");
    else if (key === "x") open("examples");
    else if (key === "w") document.getElementById("evidence")?.focus();
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])");
    if (event.key === "Escape" && field) {
      field.blur();
      document.getElementById("main").focus({ preventScroll: true });
      return;
    }
    if (event.altKey || event.metaKey || (field && !event.ctrlKey)) return;
    if (event.ctrlKey && event.key !== "Enter") return;
    if (press(event.key, event.ctrlKey)) event.preventDefault();
  });

  // ---- what people do with the page's own fields ----

  try {
    keys.checked = localStorage.getItem("worksample-keys") !== "off";
    keys.addEventListener("change", () =>
      localStorage.setItem("worksample-keys", keys.checked ? "on" : "off"));
  } catch {
    // a browser that keeps nothing: the box then holds for this page
  }
  document.getElementById("cell")?.addEventListener("change", (event) => {
    const anchor = event.target.selectedOptions[0].dataset.anchor;
    if (anchor) ask("go", { anchor });
  });
  if (!form) return;
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(state.dataset.next);
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty || sending) event.preventDefault();
  });
})();

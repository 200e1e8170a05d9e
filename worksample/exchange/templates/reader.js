// The minutes of a reader, counted down; the text goes when they are over. Without it the page says
// until when one may read, and the text is not given afterwards.
"use strict";
(() => {
  const clock = document.getElementById("clock");
  for (const field of document.querySelectorAll("input[data-for]")) {
    field.addEventListener("input", () => {
      document.getElementById(field.dataset.for).checked = field.value.trim() !== "";
    });
  }
  if (!clock) return;
  const unit = clock.dataset.unit || "to read";
  const ends = Date.now() + Number(clock.dataset.left) * 1000;
  const told = document.getElementById("told");
  let last = "";

  function tick() {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left ${unit}`;
    const words = seconds === 60 ? `One minute left ${unit}.` : seconds ? "" : "The minutes are over.";
    if (words && words !== last) told.textContent = last = words;
    if (seconds) return;
    document.getElementById("text")?.remove();
    clearInterval(every);
    if (clock.dataset.leads) {  // to the questions, which the page did not have before
      setTimeout(() => location.reload(), 1500);
      return;
    }
    document.getElementById("over").hidden = false;
  }
  const every = setInterval(tick, 250);
  tick();
})();

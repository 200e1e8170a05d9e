"use strict";
(() => {
  const slides = [...document.querySelectorAll(".slide")];
  const part = (id) => document.getElementById(id);
  const body = document.body;
  const alone = location.hash === "#audience";
  let at = 0, audience = null, since = null, spent = 0;

  const show = (to) => {
    at = Math.max(0, Math.min(slides.length - 1, to));
    slides.forEach((each, place) => each.classList.toggle("current", place === at));
    part("place").textContent = `Slide ${at + 1} of ${slides.length}`;
    const notes = slides[at].querySelector(".notes");
    part("notes").replaceChildren(...(notes ? [...notes.cloneNode(true).childNodes] : ["No notes."]));
    const next = slides[at + 1];
    part("after").textContent = next ? `Then: ${next.dataset.title}` : "This is the last slide.";
    tell();
  };
  const tell = () => {
    if (audience && !audience.closed) {
      audience.postMessage({ talk: at, blank: body.classList.contains("blank") }, "*");
    }
  };
  const left = () => {
    const gone = spent + (since === null ? 0 : Date.now() - since);
    return Math.round(Number(body.dataset.minutes) * 60 - gone / 1000);
  };
  const tick = () => {
    const seconds = left(), size = Math.abs(seconds);
    const words = `${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
    const state = since === null ? (spent ? " (stopped)" : " (not started)") : "";
    part("clock").textContent = (seconds < 0 ? `${words} over time` : `${words} left`) + state;
  };
  const run = () => {
    if (since === null) { since = Date.now(); } else { spent += Date.now() - since; since = null; }
    part("run").textContent = since === null ? "Go on with the clock" : "Stop the clock";
    tick();
  };
  const open = () => {
    audience = window.open(location.href.split("#")[0] + "#audience", "audience", "popup");
    if (audience) { audience.addEventListener("load", tell); setTimeout(tell, 800); }
  };
  const keys = {
    ArrowRight: () => show(at + 1), ArrowDown: () => show(at + 1), PageDown: () => show(at + 1),
    " ": () => show(at + 1), ArrowLeft: () => show(at - 1), ArrowUp: () => show(at - 1),
    PageUp: () => show(at - 1), Home: () => show(0), End: () => show(slides.length - 1),
    t: run, n: () => body.classList.toggle("alone"), w: open,
    b: () => { body.classList.toggle("blank"); tell(); },
    "?": () => { part("keys").open = !part("keys").open; },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) { return; }
    const own = event.target.closest("button, summary");
    if (own && event.key === " ") { return; }
    if (event.target.closest("#notes") && event.key.startsWith("Arrow")) { return; }
    event.preventDefault();
    keys[event.key]();
  });
  window.addEventListener("message", (event) => {
    if (!alone || event.source !== window.opener || typeof event.data?.talk !== "number") { return; }
    body.classList.toggle("blank", event.data.blank === true);
    show(event.data.talk);
  });
  body.classList.add("talking");
  body.classList.toggle("alone", alone);
  part("desk").hidden = false;
  part("back").addEventListener("click", () => show(at - 1));
  part("on").addEventListener("click", () => show(at + 1));
  part("run").addEventListener("click", run);
  part("audience").addEventListener("click", open);
  show(0);
  tick();
  setInterval(tick, 500);
})();

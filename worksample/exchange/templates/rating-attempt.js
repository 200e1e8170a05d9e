// In the attempt's frame: which cell is looked at, and what of it is picked as evidence.
"use strict";
(() => {
  const cells = [...document.querySelectorAll("section.cell")];
  const figures = [...document.querySelectorAll("section.cell figure")];
  const BLOCKS = "p, li, td, pre, h3, blockquote"; // what sentences are in
  let current = cells.findIndex((each) => each.id === location.hash.slice(1));
  let sentence = -1;
  let figure = -1;

  // not scrollIntoView, which moves the page around the frame too
  function show(where, margin = 12) {
    const { top, bottom } = where.getBoundingClientRect();
    const seen = top >= 0 && bottom <= window.innerHeight;
    if (!seen || margin < 100) window.scrollBy({ top: top - margin });
  }

  const say = (said) => window.parent.postMessage({ from: "attempt", ...said }, "*");

  function look(at, scroll = true) {
    if (!cells[at]) return;
    cells[current]?.classList.remove("current");
    figures[figure]?.classList.remove("current");
    if (at !== current) sentence = -1;
    current = at;
    figure = -1;
    cells[at].classList.add("current");
    if (scroll) show(cells[at]);
  }

  function figureAfter() {
    if (!figures.length) return;
    const next = (figure + 1) % figures.length;
    look(cells.indexOf(figures[next].closest("section")), false);
    figure = next;
    figures[next].classList.add("current");
    show(figures[next], 60);
  }

  // ---- sentences ----

  function* sentences(cell) {
    for (const block of cell.querySelectorAll(`.body :is(${BLOCKS}), pre.out`)) {
      if (block.querySelector(BLOCKS)) continue;
      yield* parts(block);
    }
  }

  function* parts(block) {
    const said = block.textContent;
    const code = block.tagName === "PRE";
    const cut = code
      ? [...said.matchAll(/[^\n]+/g)].map((each) => ({ index: each.index, segment: each[0] }))
      : new Intl.Segmenter("en", { granularity: "sentence" }).segment(said);
    for (const { index, segment } of cut) {
      if (segment.trim()) yield range(block, index, index + segment.trimEnd().length);
    }
  }

  function range(block, from, to) {
    const found = document.createRange();
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let passed = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const end = passed + node.length;
      if (from >= passed && from <= end) found.setStart(node, from - passed);
      if (to >= passed && to <= end) {
        found.setEnd(node, to - passed);
        break;
      }
      passed = end;
    }
    return found;
  }

  function sentenceAfter() {
    if (!cells[current]) look(0);
    const all = [...sentences(cells[current])];
    if (!all.length) return;
    sentence = (sentence + 1) % all.length;
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(all[sentence]);
    show(all[sentence], 120);
  }

  // ---- picking ----

  function marked(cell) {
    const selection = window.getSelection();
    const inside = !selection.isCollapsed && cell.contains(selection.anchorNode);
    return inside && cell.contains(selection.focusNode) ? selection.toString() : "";
  }

  function pick(cell, number) {
    for (const each of cells) each.classList.toggle("picked", each === cell);
    look(cells.indexOf(cell), false);
    const quote = number === undefined ? marked(cell) : "";
    say({ event: "picked", cell: cell.dataset.cell, quote, figure: number });
  }

  const DO = {
    next: () => look(Math.min(current + 1, cells.length - 1)),
    previous: () => look(Math.max(current - 1, 0)),
    sentence: sentenceAfter,
    figure: figureAfter,
    pick: () => {
      const at = figures[figure];
      if (at) pick(at.closest("section"), Number(at.dataset.figure));
      else if (cells[current]) pick(cells[current]);
    },
    go: (anchor) => look(cells.findIndex((each) => each.id === anchor)),
  };

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data?.from !== "rating") return;
    if (Object.hasOwn(DO, event.data.do)) DO[event.data.do](event.data.anchor);
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || (event.ctrlKey && event.key !== "Enter")) return;
    // one letter, or what submits: the rest is scrolling, and the browser's
    if (event.key.length > 1 && !event.ctrlKey) return;
    if (event.key === " ") return;
    say({ event: "key", key: event.key, ctrl: event.ctrlKey });
  });

  for (const cell of cells) {
    cell.addEventListener("click", (event) => {
      const button = event.target.closest("button.pick");
      const number = event.target.closest("figure")?.dataset.figure;
      if (button) pick(cell, number && Number(number));
      else if (window.getSelection().isCollapsed && !event.target.closest("summary, a"))
        pick(cell, number && Number(number));
    });
    for (const button of cell.querySelectorAll("button.pick")) button.hidden = false;
  }
  look(current < 0 ? 0 : current, current >= 0);
})();

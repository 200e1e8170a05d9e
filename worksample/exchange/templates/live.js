// Keeps a page of the team up to date: asks whether anything has changed, and if so puts the parts
// that have into their places. Without it the page says how old it is, and has a link to look again.
"use strict";
(() => {
  const SOON = 2000, LATER = 15000; // milliseconds
  const SHARE = 5; // a page that takes a second is fetched every six at most
  const line = document.getElementById("live");
  const said = document.getElementById("live-said");
  const again = line.innerHTML;
  let at = line.dataset.at;
  let pause = SOON;

  // what is read aloud of a part, by the id of the element that says it
  function sayings(root) {
    const found = new Map();
    for (const each of root.querySelectorAll("[data-say]")) found.set(each.id, each.dataset.say);
    return found;
  }

  function put(fresh) {
    const before = sayings(document);
    const focused = document.activeElement && document.activeElement.id;
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (!other || other.outerHTML === part.outerHTML) continue;
      part.replaceWith(document.importNode(other, true));
    }
    const same = focused && document.getElementById(focused);
    if (same && same !== document.activeElement) same.focus({ preventScroll: true });
    const news = [];
    for (const [id, words] of sayings(document))
      if (before.get(id) !== words) news.push(words);
    // more than a few at once are looked at, not listened to
    if (news.length) said.textContent = news.length > 3 ? `${news.length} changes` : news.join(". ");
  }

  async function look() {
    const reply = await fetch(line.dataset.ask, { headers: { Accept: "application/json" } });
    if (reply.status === 401 || reply.status === 404) {
      line.textContent = "You are not signed in any more: reload the page.";
      return false;
    }
    if (!reply.ok) throw new Error(String(reply.status));
    const now = (await reply.json()).at;
    if (now !== at) {
      const begun = performance.now();
      const page = await fetch(location.href);
      if (!page.ok) throw new Error(String(page.status));
      put(new DOMParser().parseFromString(await page.text(), "text/html"));
      at = now;
      // a page of many people takes its time: it is not asked for all the time
      pause = Math.max(SOON, SHARE * (performance.now() - begun));
    }
    line.textContent = "This page is kept up to date.";
    return true;
  }

  async function keep() {
    let going = true;
    try {
      pause = SOON;
      if (!document.hidden) going = await look();
    } catch {
      line.innerHTML = "The service does not answer; it is asked again. " + again;
      pause = Math.min(pause * 2, LATER);
    }
    if (going) setTimeout(keep, pause);
  }

  keep();
})();

// Fragments that look again by themselves, and what is told where no server answers.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Fragments with data-refresh (seconds) look again while somebody can see them.
  let seconds = 0;
  // Nothing is shown anew under somebody's hands, but where a link or a button keeps the focus.
  const isHeldBy = (part, here) => part.contains(here) && !("keepsFocus" in part.dataset && here.matches(
    "a, button"));
  setInterval(() => {
    if (document.hidden) return;
    seconds += 1;
    for (const element of all("[data-refresh]")) {
      if (seconds % Number(element.dataset.refresh) === 0 && !isHeldBy(element, document.activeElement)) {
        element.dispatchEvent(new Event("refresh"));
      }
    }
    knock();
    tellAway();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) lookAgain();
  });

  function lookAgain() {
    for (const element of all("[data-refresh]")) element.dispatchEvent(new Event("refresh"));
  }

  // Nobody answers: soon it is said on top of everything, and no clock pretends to know.
  const GONE = [502, 503, 504]; // said by a proxy, or by a server without its database
  const PATIENCE = 4000; // ms since the last answer, once one is missed
  let heardAt = Date.now();
  let isMissed = false;
  window.slipwayHeard = (isHeard) => {
    const wasAway = isAway();
    if (isHeard) heardAt = Date.now();
    isMissed = !isHeard;
    tellAway();
    if (isMissed) setTimeout(tellAway, heardAt + PATIENCE - Date.now());
    if (wasAway && isHeard) lookAgain();
  };
  window.slipwayAnswered = (status) => window.slipwayHeard(!GONE.includes(status));
  const isAway = () => isMissed && Date.now() - heardAt >= PATIENCE;
  window.slipwayIsAway = isAway;

  function tellAway() {
    const bar = one("#away");
    if (!bar || bar.hidden === !isAway()) return;
    bar.hidden = !isAway();
    document.body.classList.toggle("is-away", isAway());
    one("b", bar).textContent = new Date(heardAt).toLocaleTimeString("en-GB");
  }

  // Where nothing was heard for a while, as a fragment is rarely looked at, or somebody has the focus
  // in it, the server is asked whether it is there. A stream tells by itself when it ends.
  const QUIET = 2500; // ms
  let knockedAt = 0;
  async function knock() {
    if (!one("[data-refresh]") || one("[data-events]")) return;
    if (Date.now() - Math.max(heardAt, knockedAt) < QUIET) return;
    knockedAt = Date.now();
    try {
      const answer = await fetch("/healthz", {
        cache: "no-store",
        signal: AbortSignal.timeout(2000)
      });
      window.slipwayAnswered(answer.status);
    } catch {
      window.slipwayHeard(false);
    }
  }
  addEventListener("offline", () => window.slipwayHeard(false));
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !event.detail.ctx.response) window.slipwayHeard(false);
  });
  document.addEventListener("htmx:after:request", (event) => {
    window.slipwayAnswered(event.detail.ctx.response.status);
  });
})();

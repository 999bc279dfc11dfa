// Beside a board: its log, and the steps of one host, as tabs. The address says which is seen.
(() => {
  "use strict";
  const board = document.getElementById("board");
  const beside = document.getElementById("beside");
  if (!board || !beside) return;
  const [logTab, targetTab, logPane, target, close] = ["tab-log", "tab-target", "log-tab", "target", "close"]
  .map((id) => document.getElementById(id));
  const besideIt = matchMedia("(min-width: 1081px)"); // else it is below
  const cellOf = (id) => document.getElementById(`c${id}`);
  const asked = () => new URLSearchParams(location.search).get("target") || "";
  const isTyping = (element) => element.matches("input, textarea, select");

  function remember(id) {
    const address = new URL(location.href);
    if (address.searchParams.get("target") === (id || null)) return;
    address.hash = "";
    if (id) address.searchParams.set("target", id);
    else address.searchParams.delete("target");
    history.pushState(null, "", address);
  }

  function select(isLog) {
    for (const [tab, pane, is] of [
        [logTab, logPane, isLog],
        [targetTab, target, !isLog]
      ]) {
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      pane.hidden = !is;
    }
    if (isLog) window.slipwayLog.seen();
    remember(isLog ? "" : target.dataset.id);
  }

  function mark(id) {
    for (const cell of document.querySelectorAll(".cell[aria-current]")) cell.removeAttribute("aria-current");
    if (cellOf(id)) cellOf(id).setAttribute("aria-current", "true");
  }

  function load(swap) {
    const address = `${location.pathname}/targets/${target.dataset.id}`;
    return htmx.ajax("GET", address, {
      source: target,
      target: "#target",
      swap
    });
  }

  async function open(id) {
    const cell = cellOf(id);
    if (!cell) return;
    const isNew = target.dataset.id !== id;
    target.dataset.id = id;
    targetTab.querySelector("span").textContent = cell.dataset.host;
    targetTab.hidden = targetTab.disabled = close.hidden = false;
    mark(id);
    if (isNew) target.replaceChildren();
    select(false);
    if (!besideIt.matches) beside.scrollIntoView();
    if (isNew) await load("innerHTML");
    linked();
  }

  function shut() {
    const cell = cellOf(target.dataset.id);
    if (!target.dataset.id) return;
    target.dataset.id = "";
    targetTab.hidden = targetTab.disabled = close.hidden = true;
    target.replaceChildren();
    mark("");
    select(true);
    if (cell) cell.focus();
  }

  // A step that the address names is seen with what it printed; a line further back is fetched.
  function linked() {
    const at = /^#[ls]\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (at) {
      const output = at.querySelector("details");
      if (output) output.open = true;
      at.scrollIntoView({
        block: "nearest"
      });
    }
    const more = document.getElementById("more-log");
    if (!at && more && location.hash.startsWith("#l")) location.replace(`${more.search}${location.hash}`);
  }

  logTab.addEventListener("click", () => select(true));
  targetTab.addEventListener("click", (event) => {
    select(false);
    if (!event.detail) target.focus(); // by a key: the next ones scroll
  });
  close.addEventListener("click", shut);
  document.addEventListener("slipway:close", shut);
  beside.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key) || targetTab.hidden) return;
    const other = event.target.closest("#tab-log") ? targetTab : logTab;
    select(other === logTab);
    other.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (!logPane.hidden || isTyping(event.target) || !["/", "f", "F"].includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    select(true);
    if (event.key !== "/") event.stopImmediatePropagation(); // it is there, and follows as it did
  }, true);
  addEventListener("popstate", () => {
    const id = asked();
    if (id && cellOf(id)) open(id);
    else select(true);
  });

  // As high as what it shows, and never beyond the window: the newest lines are in sight.
  let isDue = false;

  function fit() {
    isDue = false;
    const top = Math.max(68, beside.parentElement.getBoundingClientRect().top);
    window.slipwayFit(beside, top);
    window.slipwayLog.seen();
  }

  function fitSoon() {
    if (!isDue) requestAnimationFrame(fit);
    isDue = true;
  }
  addEventListener("scroll", fitSoon, {
    passive: true
  });
  addEventListener("resize", fitSoon);
  new ResizeObserver(fitSoon).observe(board);
  fit();
  linked();
  window.slipwayTabs = {
    open,
    // What is shown of a host is asked again when that host changes.
    isOf: (id) => target.dataset.id === String(id),
    again: () => target.dataset.id && load("innerMorph")
  };
})();

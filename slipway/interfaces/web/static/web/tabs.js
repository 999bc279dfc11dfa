// Beside a board: its log, timeline, plan, changes, and the steps of one host, as tabs. The address says which is seen.
(() => {
  "use strict";
  const board = document.getElementById("board");
  const beside = document.getElementById("beside");
  if (!board || !beside) return;
  const [targetTab, logPane, more, target, close] = ["tab-target", "log-tab", "more", "target",
    "close"
  ].map((id) => document.getElementById(id));
  const tabs = [...beside.querySelectorAll("[role=tab]")];
  const nameOf = (tab) => tab.id.slice(4);
  const paneOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  const besideIt = matchMedia("(min-width: 1081px)"); // else it is below
  const cellOf = (id) => document.getElementById(`c${id}`);
  const asked = (name) => new URLSearchParams(location.search).get(name) || "";
  const isTyping = (element) => element.matches("input, textarea, select");

  function remember(wanted) {
    const address = new URL(location.href);
    const names = Object.keys(wanted);
    if (names.every((name) => (address.searchParams.get(name) || "") === wanted[name])) return;
    address.hash = "";
    for (const name of names) {
      if (wanted[name]) address.searchParams.set(name, wanted[name]);
      else address.searchParams.delete(name);
    }
    history.pushState(null, "", address);
  }

  function select(name) {
    for (const tab of tabs) {
      const is = nameOf(tab) === name;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
    }
    const isMore = !["log", "target"].includes(name);
    logPane.hidden = name !== "log";
    target.hidden = name !== "target";
    more.hidden = !isMore;
    if (name === "log") window.slipwayLog.seen();
    remember({
      target: name === "target" ? target.dataset.id : "",
      tab: isMore ? name : ""
    });
  }

  // What these tabs show is asked for when they are seen, and again when the rollout changes.
  function turn(name) {
    if (["log", "target"].includes(name)) {
      select(name);
      return;
    }
    const isNew = more.dataset.name !== name;
    more.dataset.name = name;
    more.setAttribute("aria-labelledby", `tab-${name}`);
    if (isNew) more.replaceChildren();
    select(name);
    fetchMore(isNew ? "innerHTML" : "innerMorph");
  }

  function fetchMore(swap) {
    return htmx.ajax("GET", `${location.pathname}/tabs/${more.dataset.name}`, {
      source: more,
      target: "#more",
      swap
    });
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
    select("target");
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
    if (!target.hidden) select("log");
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

  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      turn(nameOf(tab));
      if (nameOf(tab) !== "log" && !event.detail) paneOf(tab).focus(); // by a key: the next ones scroll
    });
  }
  close.addEventListener("click", shut);
  document.addEventListener("slipway:close", shut);
  beside.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const shown = tabs.filter((tab) => !tab.hidden);
    const step = event.key === "ArrowRight" ? 1 : shown.length - 1;
    const next = shown[(shown.indexOf(event.target.closest("[role=tab]")) + step) % shown.length];
    turn(nameOf(next));
    next.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (!logPane.hidden || isTyping(event.target) || !["/", "f", "F"].includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    select("log");
    if (event.key !== "/") event.stopImmediatePropagation(); // it is there, and follows as it did
  }, true);
  addEventListener("popstate", () => {
    const [id, name] = [asked("target"), asked("tab")];
    if (id && cellOf(id)) open(id);
    else turn(tabs.some((tab) => tab.dataset.tab === name) ? name : "log");
  });

  // A report has the timeline, too. A browser that prints waits for nothing: what there is was asked
  // for before, and is asked for anew by the button and by the keys that print.
  const fetchPrinted = () => htmx.ajax("GET", `${location.pathname}/tabs/timeline`, {
    source: "#printed",
    target: "#printed",
    swap: "innerHTML"
  });
  async function report() {
    await fetchPrinted();
    print();
  }
  document.getElementById("print").addEventListener("click", report);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key !== "p") return;
    event.preventDefault();
    report();
  });
  addEventListener("load", () => setTimeout(fetchPrinted, 500));

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
    again: () => target.dataset.id && load("innerMorph"),
    fresh: () => !more.hidden && more.dataset.name === "timeline" && fetchMore("innerMorph")
  };
})();

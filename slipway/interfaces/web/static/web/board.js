// The live board: rows in by EventSource, DOM attributes out. Closed while nobody looks.
(() => {
  "use strict";
  const board = document.getElementById("board");
  const live = document.getElementById("live");
  if (!board) return;
  const words = JSON.parse(board.dataset.words);
  const marks = JSON.parse(board.dataset.marks);
  const start = new URL(board.dataset.events, location.href);
  let last = start.searchParams.get("after");
  let source = null;
  let over = board.dataset.over === "1";
  let again = 0;
  let isOpen = false;

  const say = (state) => {
    live.textContent = live.dataset[state];
  };
  const wordOf = (cell) => {
    const at = cell.step && ["running", "failed", "unknown"].includes(cell.state);
    return (at ? words.steps[cell.step] || cell.step : words.states[cell.state]) || cell.state;
  };

  function show(cell) {
    const element = document.getElementById(`c${cell.id}`);
    if (!element) return;
    const mark = marks[cell.state] || "wait";
    element.classList.remove(`is-${element.dataset.mark}`);
    element.classList.add(`is-${mark}`);
    element.dataset.mark = mark;
    element.dataset.state = cell.state;
    element.title = cell.problem || "";
    element.lastElementChild.textContent = wordOf(cell);
    if (window.slipwayTabs && window.slipwayTabs.isOf(cell.id)) later("target", window.slipwayTabs.again);
  }

  // The bar, its legend and the counts of the batches follow the cells.
  function count() {
    const total = document.querySelectorAll(".cell").length;
    let x = 0;
    for (const part of board.querySelectorAll(".bar rect")) {
      const many = document.querySelectorAll(`.cell[data-mark="${part.dataset.mark}"]`).length;
      const width = total ? (many * 1000) / total : 0;
      part.setAttribute("x", x);
      part.setAttribute("width", width);
      x += width;
      const entry = board.querySelector(`.legend [data-mark="${part.dataset.mark}"]`);
      entry.hidden = !many;
      entry.querySelector("b").textContent = many;
    }
    for (const batch of document.querySelectorAll("[data-batch]")) {
      batch.querySelector("[data-done]").textContent = batch.querySelectorAll('.cell[data-mark="ok"]').length;
      const moving = batch.querySelector('.cell:not([data-mark="wait"])');
      const isWell = !batch.querySelector('.cell:not([data-mark="ok"])');
      if (moving && batch.classList.contains("is-wait")) {
        batch.classList.remove("is-wait");
        batch.open = true;
        foldWhatIsWell(batch);
      }
      batch.dataset.well = isWell ? "1" : "";
    }
  }

  // A batch that is over and well makes way as soon as the next one begins.
  function foldWhatIsWell(next) {
    if (board.dataset.wall) return; // there nothing moves
    for (const batch of document.querySelectorAll("[data-batch][data-well='1']")) {
      if (batch !== next && !batch.contains(document.activeElement)) batch.open = false;
    }
  }

  function unfold(element) {
    const batch = element && element.closest("[data-batch]");
    if (batch) batch.open = true;
  }

  // What the server says better than we could is fetched again, at most once a second.
  const due = new Map();

  function later(name, act) {
    if (due.has(name)) return;
    due.set(name, setTimeout(() => {
      due.delete(name);
      act();
    }, 700));
  }
  const refreshHead = () => later("head", () => document.getElementById("head").dispatchEvent(new Event("refresh")));

  function take(event) {
    if (event.lastEventId) last = event.lastEventId;
    const delta = JSON.parse(event.data);
    for (const cell of delta.cells || []) show(cell);
    if ((delta.cells || []).length) count();
    if (window.slipwayLog) window.slipwayLog.add(delta.lines || []);
    if (delta.rollout || (delta.cells || []).length) refreshHead();
    if (window.slipwayTabs) later("timeline", window.slipwayTabs.fresh);
  }

  function open() {
    if (source || over || document.hidden) return;
    start.searchParams.set("after", last);
    source = new EventSource(start);
    source.addEventListener("open", () => {
      again = 0;
      isOpen = true;
      say("live");
      window.slipwayHeard(true);
    });
    source.addEventListener("delta", take);
    source.addEventListener("end", () => {
      over = true;
      board.dataset.over = "1";
      close();
      say("over");
      refreshHead();
    });
    source.addEventListener("error", () => {
      say("lost");
      if (isOpen) window.slipwayHeard(true); // until now
      isOpen = false;
      if (source && source.readyState === EventSource.CONNECTING) window.slipwayHeard(false);
      if (source && source.readyState === EventSource.CLOSED) {
        refreshHead(); // refused, perhaps, by a server that is there: its answer tells
        close();
        again = Math.min(again + 1, 6);
        setTimeout(open, 500 * 2 ** again);
      }
    });
  }

  // What is over is watched for a while: it may be taken up again, and more be said of it.
  document.addEventListener("htmx:after:swap", () => {
    if (!over || Number(document.getElementById("head").dataset.rev) <= Number(last)) return;
    over = false;
    board.dataset.over = "";
    open();
  });

  function close() {
    if (source) source.close();
    source = null;
    isOpen = false;
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);

  // Cells: one of each batch is a tab stop, arrows move between them; the steps of the chosen one are beside them.
  const cells = () => [...document.querySelectorAll("[data-batch][open] .cell")];

  function stopAt(cell) {
    for (const each of cell.parentElement.children) each.tabIndex = each === cell ? 0 : -1;
  }
  document.addEventListener("click", (event) => {
    const leg = event.target.closest("a[href^='#batch-']");
    if (leg) unfold(document.getElementById(leg.hash.slice(1)));
    const link = event.target.closest("a[href^='?target=']");
    if (!link || link.hash || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const id = new URLSearchParams(link.search).get("target");
    const chosen = document.getElementById(`c${id}`);
    event.preventDefault();
    unfold(chosen);
    stopAt(chosen);
    window.slipwayTabs.open(id);
  });
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest(".cell");
    if (!here) return;
    const list = cells();
    const siblings = list.filter((cell) => cell.parentElement === here.parentElement);
    const row = siblings.filter((cell) => cell.offsetTop === here.offsetTop).length;
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: row,
      ArrowUp: -row
    };
    const step = steps[event.key];
    const next = step && list[list.indexOf(here) + step];
    if (!next) return;
    event.preventDefault();
    stopAt(next);
    next.focus();
  });
  const linked = document.querySelector(".cell[aria-current]");
  if (linked) {
    unfold(linked);
    stopAt(linked);
  }
  open();
})();

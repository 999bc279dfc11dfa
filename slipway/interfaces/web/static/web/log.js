// The log pane: lines in as text, colours of programs as a fixed set of classes, follow and filter.
(() => {
  "use strict";
  const LONGEST = 5000;
  const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
  const WEIGHTS = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "underline"
  };
  const SEQUENCES = [
    /\x1b\[([0-9;]*)m/,
    /\x1b\[[0-?]*[ -\/]*[@-~]/,
    /\x1b[\]PX^_][\s\S]*?(?:\x07|\x1b\\|$)/,
    /\x1b[ -\/]*[0-~]/,
    /[\x00-\x08\x0b-\x1f\x7f-\x9f]/
  ];
  const SEQUENCE = new RegExp(SEQUENCES.map((each) => each.source).join("|"), "g");

  function dress(classes, codes) {
    for (const code of codes.split(";")) {
      const number = Number(code.slice(0, 4) || "0");
      if (number === 0) classes = [];
      else if (WEIGHTS[number]) classes = [...classes, `ansi-${WEIGHTS[number]}`];
      else if (number === 38 || number === 48) return classes;
      else if (number === 39 || (number >= 30 && number <= 37) || (number >= 90 && number <= 97)) {
        classes = classes.filter((name) => !COLOURS.includes(name.slice(5)));
        if (number !== 39) classes = [...classes, `ansi-${COLOURS[number % 10]}`];
      }
    }
    return classes;
  }

  function coloured(text) {
    const parts = document.createDocumentFragment();
    let classes = [];
    let last = 0;
    const add = (part) => {
      if (!part) return;
      if (!classes.length) {
        parts.append(part);
        return;
      }
      const element = document.createElement("em");
      element.className = classes.join(" ");
      element.textContent = part;
      parts.append(element);
    };
    for (const found of text.matchAll(SEQUENCE)) {
      add(text.slice(last, found.index));
      last = found.index + found[0].length;
      if (found[1] !== undefined) classes = dress(classes, found[1]);
    }
    add(text.slice(last));
    return parts;
  }

  const pane = document.getElementById("log");
  const filter = document.getElementById("filter");
  const button = document.getElementById("follow");
  if (!pane) return;
  let following = true;

  function follow(wanted) {
    following = wanted;
    button.setAttribute("aria-pressed", String(wanted));
    if (wanted) pane.scrollTop = pane.scrollHeight;
  }
  const fits = (line) => {
    const wanted = filter.value.trim().toLowerCase();
    return !wanted || `${line.dataset.host} ${line.lastElementChild.textContent}`.toLowerCase().includes(wanted);
  };

  function element(line) {
    const [row, link, time, host, text] = ["p", "a", "time", "i", "span"].map((name) => document.createElement(name));
    const moment = new Date(line.at);
    row.className = ["info", "warning", "error", "output"].includes(line.level) ? line.level : "info";
    row.id = `l${line.id}`;
    const place = line.host ? line.host + (line.port ? `:${line.port}` : "") : "";
    row.dataset.host = place;
    link.href = `#${row.id}`;
    time.dateTime = line.at;
    time.title = moment.toLocaleString(document.documentElement.lang);
    time.dataset.clock = "";
    time.textContent = moment.toLocaleTimeString("en-GB");
    link.append(time);
    host.textContent = host.title = place;
    text.append(coloured(line.text));
    row.append(link, host, text);
    row.hidden = !fits(row);
    return row;
  }

  function add(lines) {
    if (!lines.length) return;
    const rows = document.createDocumentFragment();
    for (const line of lines.slice(-LONGEST)) rows.append(element(line));
    pane.append(rows);
    while (pane.childElementCount > LONGEST) pane.firstElementChild.remove();
    if (following) pane.scrollTop = pane.scrollHeight;
  }

  filter.addEventListener("input", () => {
    for (const row of pane.children) row.hidden = !fits(row);
    if (following) pane.scrollTop = pane.scrollHeight;
  });
  button.addEventListener("click", () => follow(!following));
  button.dataset.key = "F";
  pane.addEventListener("wheel", (event) => {
    if (event.deltaY < 0) follow(false);
  }, {
    passive: true
  });
  pane.addEventListener("keydown", (event) => {
    if (["ArrowUp", "PageUp", "Home"].includes(event.key)) follow(false);
  });
  pane.addEventListener("scroll", () => {
    if (!following && pane.scrollTop + pane.clientHeight > pane.scrollHeight - 8) follow(true);
  }, {
    passive: true
  });
  pane.addEventListener("click", (event) => {
    const host = event.target.closest("i");
    if (!host || !host.textContent) return;
    filter.value = filter.value === host.textContent ? "" : host.textContent;
    filter.dispatchEvent(new Event("input"));
  });
  if (!location.hash) follow(true);
  else following = false;
  window.slipwayLog = {
    add,
    seen: () => following && follow(true)
  };
})();

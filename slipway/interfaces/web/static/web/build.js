// The log of a build: asks for what was printed since, as long as somebody looks; a lost answer is
// asked for again from the same place, so nothing is missing and nothing comes twice.
(() => {
  "use strict";
  const PAUSE = 1000;
  const LONGEST = 50000;
  const pane = document.getElementById("build-log");
  const filter = document.getElementById("filter");
  const button = document.getElementById("follow");
  const live = document.getElementById("live");
  if (!pane) return;
  let next = Number(pane.dataset.next);
  let line = Number(pane.dataset.line);
  let over = pane.dataset.over === "1";
  let following = false;
  let timer = 0;
  let lost = 0;
  let asking = false;

  const say = (state) => {
    live.textContent = live.dataset[state];
  };
  const fits = (row) => {
    const wanted = filter.value.trim().toLowerCase();
    return !wanted || row.lastElementChild.textContent.toLowerCase().includes(wanted);
  };
  const toEnd = () => {
    if (following) pane.scrollTop = pane.scrollHeight;
  };

  function follow(wanted) {
    following = wanted;
    button.setAttribute("aria-pressed", String(wanted));
    toEnd();
  }

  function row(number, parts) {
    const [element, link, text] = ["p", "a", "span"].map((name) => document.createElement(name));
    element.id = `L${number}`;
    link.href = `#L${number}`;
    link.textContent = number;
    for (const [classes, part] of parts) {
      if (!classes) {
        text.append(part);
        continue;
      }
      const dressed = document.createElement("em");
      dressed.className = classes;
      dressed.textContent = part;
      text.append(dressed);
    }
    element.append(link, text);
    element.hidden = !fits(element);
    return element;
  }

  // The last line may not have been whole: then it comes again, longer.
  function show(lines) {
    const rows = document.createDocumentFragment();
    for (const each of lines) {
      const fresh = row(each.number, each.parts);
      const there = document.getElementById(fresh.id);
      if (there) there.replaceWith(fresh);
      else rows.append(fresh);
    }
    pane.append(rows);
    while (pane.childElementCount > LONGEST) pane.firstElementChild.remove();
    toEnd();
  }

  function later(pause) {
    clearTimeout(timer);
    if (!over && !document.hidden) timer = setTimeout(ask, pause);
  }

  async function ask() {
    if (asking || over || document.hidden) return;
    asking = true;
    try {
      const address = `${pane.dataset.address}?start=${next}&line=${line}`;
      const answer = await fetch(address, {
        headers: {
          Accept: "application/json"
        },
        redirect: "error"
      });
      window.slipwayAnswered(answer.status);
      if (!answer.ok) throw new Error(String(answer.status));
      const piece = await answer.json();
      const grew = piece.next > next;
      show(piece.lines);
      next = piece.next;
      line = piece.line;
      over = piece.over;
      lost = 0;
      say(over ? "over" : "live");
      if (over) document.getElementById("version").dispatchEvent(new Event("refresh"));
      later(grew ? 200 : PAUSE);
    } catch (error) {
      if (error instanceof TypeError) window.slipwayHeard(false); // nobody answered
      lost += 1;
      say("lost");
      later(Math.min(PAUSE * 2 ** lost, 15000));
    } finally {
      asking = false;
    }
  }

  filter.addEventListener("input", () => {
    for (const each of pane.children) each.hidden = !fits(each);
    toEnd();
  });
  button.addEventListener("click", () => follow(!following));
  pane.addEventListener("wheel", (event) => {
    if (event.deltaY < 0) follow(false);
  }, {
    passive: true
  });
  pane.addEventListener("keydown", (event) => {
    if (["ArrowUp", "PageUp", "Home"].includes(event.key)) follow(false);
  });
  pane.addEventListener("scroll", () => {
    if (!following && !over && pane.scrollTop + pane.clientHeight > pane.scrollHeight - 8) follow(true);
  }, {
    passive: true
  });
  document.addEventListener("visibilitychange", () => later(0));
  addEventListener("online", () => later(0));
  addEventListener("pageshow", () => later(0));

  // The version gets its last name when its commit is known: the address follows.
  document.addEventListener("htmx:after:swap", () => {
    const version = document.getElementById("version");
    const address = version && version.dataset.address;
    if (!address || location.pathname === address) return;
    history.replaceState(null, "", address + location.search + location.hash);
    document.title = document.title.replace(/\S+ · Slipway$/, `${address.split("/").pop()} · Slipway`);
  });

  // A link to a line that did not come with the page: then the whole log has it.
  // The log ends with the window, so that its newest line is in sight.
  const panel = pane.closest(".log-panel");

  function fit() {
    const top = panel.getBoundingClientRect().top + scrollY;
    window.slipwayFit(panel, top);
    if (following) pane.scrollTop = pane.scrollHeight;
  }
  fit();
  addEventListener("resize", fit);
  new ResizeObserver(fit).observe(panel.parentElement);
  const linked = /^#L[0-9]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (linked) {
    linked.scrollIntoView({
      block: "center"
    });
  } else if (location.hash.startsWith("#L") && pane.dataset.cut === "1") {
    location.replace(`${location.pathname}?start=0${location.hash}`);
  } else {
    follow(!over || !location.hash);
  }
  later(0);
})();

// What every page needs: keys, dialogs, times, and fragments that look again by themselves.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const TYPED_INTO = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  const isTyping = (element) => element.matches(TYPED_INTO);

  // Keys: a thing with data-key is clicked by that key; "/" goes to what filters; Ctrl K finds.
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.key === "Escape" && !event.defaultPrevented) closeTopmost();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || one("dialog[open]")) return;
    if (event.key === "/") {
      const field = one("#filter") || one("[data-slash]");
      if (field) {
        event.preventDefault();
        field.focus();
        field.select();
      }
      return;
    }
    const key = event.key.toUpperCase();
    const wanted = all("[data-key]:not(:disabled, [aria-disabled=true])")
      .find((element) => element.dataset.key === key);
    if (wanted) {
      event.preventDefault();
      wanted.click();
    }
  });

  function closeTopmost() {
    const menu = one("[data-menu][open]");
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
      return;
    }
    if (isTyping(document.activeElement)) {
      document.activeElement.blur();
      return;
    }
    document.dispatchEvent(new Event("slipway:close"));
  }

  document.addEventListener("click", (event) => {
    const menu = one("[data-menu][open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
    const opener = event.target.closest("[data-open]");
    if (opener && opener.dataset.open === "palette") openPalette();
    if (event.target.matches("dialog")) event.target.close();
    const copied = event.target.closest("[data-copy]");
    if (copied) navigator.clipboard.writeText(one(copied.dataset.copy).textContent.trim());
  });

  // The palette.
  const palette = one("#palette");

  function openPalette() {
    if (!palette || palette.open) return;
    palette.showModal();
    const field = one("input", palette);
    field.select();
    field.dispatchEvent(new Event("refresh"));
  }
  if (palette) {
    palette.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      const stops = [one("input", palette), ...all("#found :is(a, button)", palette)];
      const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      stops[(next + stops.length) % stops.length].focus();
    });
    // Enter leads to the first thing: what is done with it is chosen.
    one("form", palette).addEventListener("submit", (event) => {
      event.preventDefault();
      const first = one("#found a", palette);
      if (first) first.click();
    });
  }

  // Forms with data-ask are sent after a yes; with data-ask-name a yes needs that name typed,
  // with data-ask-why it may be said why.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset || !form.dataset.ask) return;
    event.preventDefault();
    const dialog = one("#ask");
    const pressed = event.submitter;
    one("h2", dialog).textContent = form.dataset.ask;
    one("p", dialog).textContent = form.dataset.askMore || "";
    one('[value="yes"]', dialog).textContent = form.dataset.askYes;
    const name = form.dataset.askName;
    const field = one("#ask-name");
    field.parentElement.hidden = !name;
    one("label", dialog).textContent = form.dataset.askLabel || "";
    field.value = "";
    field.dataset.wanted = name || "";
    const why = one("#ask-why");
    why.parentElement.hidden = form.dataset.askWhy === undefined;
    why.value = "";
    guard();
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") send(form, pressed, name && field.value.trim(), why.value.trim());
    }, {
      once: true
    });
    dialog.showModal();
    if (name) field.focus();
  });

  function guard() {
    const field = one("#ask-name");
    one('#ask [value="yes"]').disabled = field.value.trim() !== field.dataset.wanted;
  }
  document.addEventListener("input", (event) => {
    if (event.target.id === "ask-name") guard();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !["ask-name", "ask-why"].includes(event.target.id)) return;
    event.preventDefault(); // else it presses the first button, which says no
    one('#ask [value="yes"]').click();
  });
  // What the pressed button says goes along, as it does without a question.
  function send(form, pressed, confirmed, why) {
    if (pressed && pressed.name) bring(form, pressed.name, pressed.value);
    if (confirmed) bring(form, "confirm", confirmed);
    if (why) bring(form, "reason", why);
    form.submit();
  }

  function bring(form, name, value) {
    const said = document.createElement("input");
    Object.assign(said, {
      type: "hidden",
      name,
      value
    });
    form.append(said);
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });

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
    tickClocks();
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
  // A panel that begins there ends with the window.
  window.slipwayFit = (panel, top) => {
    panel.style.setProperty("--room", `${Math.floor(innerHeight - top - 14)}px`);
  };
  addEventListener("offline", () => window.slipwayHeard(false));
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !event.detail.ctx.response) window.slipwayHeard(false);
  });
  document.addEventListener("htmx:after:request", (event) => {
    window.slipwayAnswered(event.detail.ctx.response.status);
  });

  // Running clocks, and moments in the reader's own time zone.
  const two = (number) => String(number).padStart(2, "0");

  function tickClocks() {
    if (isAway()) return;
    for (const element of all("[data-since]")) {
      if (!element.dataset.since) continue;
      const passed = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
      const hours = Math.floor(passed / 3600);
      element.textContent = (hours ? `${hours}:` : "") + `${two(Math.floor(passed / 60) % 60)}:${two(passed % 60)}`;
    }
  }

  function localTimes(root) {
    for (const element of all("time[datetime]", root)) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      element.title = moment.toLocaleString(document.documentElement.lang, {
        dateStyle: "medium",
        timeStyle: "long"
      });
      const time = moment.toLocaleTimeString("en-GB");
      if (element.dataset.clock === "minutes") element.textContent = time.slice(0, 5);
      else if ("clock" in element.dataset) element.textContent = time;
      else if (element.textContent.endsWith(" UTC")) {
        element.textContent = `${moment.toLocaleDateString("sv")} ${time.slice(0, 5)}`;
      }
    }
    // Which zone that is stands once on the page.
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // The server says the times in its sentences in it from the next page on.
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `slipway_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
    for (const element of all("[data-zone]", root)) element.textContent = zone;
  }
  // What scrolls sideways is reached by keys, too.
  function reachWide() {
    for (const element of all(".scroll")) {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  }
  addEventListener("resize", reachWide);
  document.addEventListener("toggle", reachWide, true);
  // What was moved with its row has the focus again; where its row is gone, the part around it has it.
  let held = null;
  document.addEventListener("htmx:before:swap", () => {
    const here = document.activeElement;
    const part = here.closest("[data-keeps-focus]");
    held = part && [here, part];
  });
  document.addEventListener("htmx:after:swap", () => {
    if (held && document.activeElement === document.body) held.find((each) => each.isConnected)?.focus({
      preventScroll: true
    });
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    localTimes(document);
    tickClocks();
    reachWide();
  });
  reachWide();
  localTimes(document);
  tickClocks();

  // The theme button turns what is seen, also where the system's theme is followed.
  const themeSwitch = one("[data-theme-switch]");
  if (themeSwitch && !document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches) {
    themeSwitch.value = "light";
  }
})();

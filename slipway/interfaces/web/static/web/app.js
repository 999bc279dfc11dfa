// What every page needs: keys, menus, the palette, and that the focus is not lost.
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

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });

  // A panel that begins there ends with the window.
  window.slipwayFit = (panel, top) => {
    panel.style.setProperty("--room", `${Math.floor(innerHeight - top - 14)}px`);
  };

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
  document.addEventListener("htmx:after:swap", reachWide);
  reachWide();

  // The theme button turns what is seen, also where the system's theme is followed.
  const themeSwitch = one("[data-theme-switch]");
  if (themeSwitch && !document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches) {
    themeSwitch.value = "light";
  }
})();

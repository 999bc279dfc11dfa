// Running clocks, and moments in the reader's own time zone.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const two = (number) => String(number).padStart(2, "0");

  function tickClocks() {
    if (window.slipwayIsAway()) return;
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
  setInterval(() => {
    if (!document.hidden) tickClocks();
  }, 1000);
  document.addEventListener("htmx:after:swap", () => {
    localTimes(document);
    tickClocks();
  });
  localTimes(document);
  tickClocks();
})();

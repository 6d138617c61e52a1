"use strict";
// Everything else is done by the server and htmx: this follows searches, keeps the focus, and tells what changed.
(() => {
  const byId = (id) => document.getElementById(id);
  let source = null;

  function follow() {
    const box = document.querySelector("[data-stream]");
    if (!box) { if (source) { source.close(); source = null; } return; }
    if (source && source.url.endsWith(box.dataset.stream)) return;
    if (source) source.close();
    source = new EventSource(box.dataset.stream);
    source.addEventListener("progress", (event) => {
      const place = byId("progress");
      if (place) place.innerHTML = event.data;  // made by our server, which escapes all names
    });
    source.addEventListener("done", () => {
      source.close();
      source = null;
      window.htmx.ajax("GET", "/bench", { source: "#search", target: "#bench", swap: "innerHTML" });
    });
  }

  function fold() {  // on a narrow screen the panel comes first
    if (matchMedia("(max-width: 48rem)").matches) byId("asking").open = false;
  }

  function close() {
    const menu = byId("menu");
    if (!menu || !menu.firstElementChild) return;
    menu.replaceChildren();
    if (opener && byId(opener)) byId(opener).focus();
  }

  let opener = "";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.close) close();
    else if ("copy" in button.dataset) {
      const link = new URL(document.body.dataset.address, location.href).href;
      if (navigator.clipboard) navigator.clipboard.writeText(link).then(() => say("The link is copied."));
    } else if (button.getAttribute("hx-target") === "#menu" || button.id === "add-menu") opener = button.id || opener;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const out = byId("out");
      if (out && out.open) { out.open = false; out.querySelector("summary").focus(); } else close();
    }
    const typing = event.target.closest("input, select, textarea");
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !typing) {
      const key = event.key.toLowerCase();
      const button = key === "z" && !event.shiftKey ? byId("undo") : key === "y" || (key === "z" && event.shiftKey) ? byId("redo") : null;
      if (button && !button.disabled) { event.preventDefault(); button.click(); }
    }
  });

  function say(text) { byId("live").textContent = text; }

  document.addEventListener("htmx:beforeRequest", () => { byId("failed").hidden = true; });
  function failed(text) { const place = byId("failed"); place.textContent = text; place.hidden = false; }
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    failed([...page.querySelectorAll("p")].map((p) => p.textContent).join(" ") || event.detail.xhr.responseText || "The server refused this.");
  });
  document.addEventListener("htmx:sendError", () => failed("The server does not answer. Is panelopt serve still running?"));

  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target || event.target;
    follow();
    if (target.id === "desk") fold();
    if (target.id === "menu" && target.firstElementChild) {
      (target.querySelector(".use") || byId("close-menu")).focus();
      target.scrollIntoView({ block: "nearest" });
    } else if ((target.id === "bench" || target.id === "desk") && (!document.activeElement || document.activeElement === document.body)) {
      const place = opener && byId(opener) && !byId(opener).disabled ? byId(opener) : byId("bench");
      place.focus({ preventScroll: true });
    }
    if (target.id === "bench" || target.id === "desk") {
      const path = event.detail.pathInfo || (event.detail.requestConfig || {});
      const purities = [...document.querySelectorAll(".card")].map((card) => `${card.querySelector("h3").textContent} ${card.querySelector(".purity b").textContent}`);
      if (path && purities.length) say(`Purity: ${purities.join(", ")}`);
    }
  });
  document.addEventListener("htmx:replacedInHistory", () => { document.body.dataset.address = location.pathname + location.search; });
  history.replaceState(history.state, "", document.body.dataset.address);
  fold();
  follow();
})();

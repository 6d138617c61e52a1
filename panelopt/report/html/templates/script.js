"use strict";
(function () {
  const tip = document.getElementById("tip");
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  // ---- colours: as the system, light, dark
  const theme = document.getElementById("theme");
  const themes = ["as the system", "light", "dark"];
  let chosen = 0;
  const paint = () => {
    if (chosen) document.documentElement.dataset.theme = themes[chosen];
    else delete document.documentElement.dataset.theme;
    theme.textContent = "Colours: " + themes[chosen];
  };
  theme.hidden = false;
  theme.addEventListener("click", () => { chosen = (chosen + 1) % themes.length; paint(); });

  // ---- folded sections: opened by links into them, and all of them for print
  const folds = [...document.querySelectorAll("details")];
  function unfold() {
    const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    for (let node = place; node; node = node.parentElement) if (node.matches("details")) node.open = true;
    place.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  document.addEventListener("click", (event) => { if (event.target.closest("a[href^='#']")) setTimeout(unfold); });
  unfold();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of closed) fold.open = false; });

  // ---- values: pointed at, or stepped through by arrow keys
  let current = null;
  function say(mark, x, y) {
    const text = mark.dataset.tip || cellText(mark);
    if (!text) return;
    if (current) current.classList.remove("at");
    current = mark;
    mark.classList.add("at");
    tip.textContent = text;
    tip.hidden = false;
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = (y + 18 + tip.offsetHeight > innerHeight ? Math.max(4, y - tip.offsetHeight - 10) : y + 18) + "px";
  }
  function hush() {
    if (current) current.classList.remove("at");
    current = null;
    tip.hidden = true;
  }
  function cellText(cell) {
    const row = cell.parentNode, head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
    return row.cells[0].textContent + " / " + head.textContent + ": " + (cell.textContent);
  }
  for (const title of document.querySelectorAll("svg title")) {
    title.parentNode.dataset.tip = title.textContent;
    title.remove(); // else the browser shows it as well
  }
  const groups = [];
  for (const group of document.querySelectorAll(".marks")) groups.push([group, [...group.querySelectorAll("[data-tip]")], 0]);
  for (const table of document.querySelectorAll(".matrix")) {
    const group = table.querySelector(".scroll");
    groups.push([group, () => [...group.querySelectorAll("td")], table.querySelectorAll("thead th").length - 1]);
  }
  for (const [group, found, across] of groups) {
    const marks = () => (typeof found === "function" ? found() : found);
    group.addEventListener("pointerover", (event) => {
      const mark = event.target.closest("[data-tip], .matrix td");
      if (mark && group.contains(mark)) say(mark, event.clientX, event.clientY);
      else hush();
    });
    group.addEventListener("pointerleave", hush);
    group.addEventListener("blur", hush);
    group.addEventListener("keydown", (event) => {
      const list = marks().filter((mark) => mark.getClientRects().length);
      const at = list.indexOf(current);
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across || 1, ArrowUp: -(across || 1) }[event.key];
      if (event.key === "Escape") return hush();
      if (!step || event.target !== group || !list.length) return;
      event.preventDefault();
      const next = at < 0 ? 0 : at + step;
      if (next < 0 || next >= list.length) return;
      list[next].scrollIntoView({ block: "nearest", inline: "nearest" });
      const box = list[next].getBoundingClientRect();
      say(list[next], box.left + box.width / 2, box.top + box.height / 2);
    });
  }

  // ---- tables: sorted by a click on a header, filtered by words
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  function key(row, index) {
    const cell = row.cells[index];
    return cell.dataset.v ? Number(cell.dataset.v) : cell.dataset.v === "" ? "" : cell.textContent;
  }
  function sort(table, index, head) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const empty = (value) => value === "";
    rows.sort((one, other) => {
      const a = key(one, index), b = key(other, index);
      if (empty(a) || empty(b)) return empty(a) - empty(b); // unknown values stay at the end
      const order = typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b));
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  }
  for (const box of document.querySelectorAll(".table")) {
    const table = box.querySelector("table");
    const heads = box.matches(".lead *") ? [] : [...table.tHead.rows[0].cells]; // the first screen is short
    heads.forEach((head, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sort(table, index, head));
    });
    const tools = make("div", "");
    tools.className = "tools";
    if (table.tBodies[0].rows.length > 8 && !box.matches(".matrix, .lead *")) {
      const field = make("input", "");
      field.type = "search";
      field.placeholder = "Filter";
      field.setAttribute("aria-label", "Filter: " + table.caption.textContent);
      const shown = make("span", "");
      shown.setAttribute("role", "status");
      field.addEventListener("input", () => {
        const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
        let left = 0;
        for (const row of table.tBodies[0].rows) {
          const text = row.textContent.toLowerCase();
          row.hidden = !words.every((word) => text.includes(word));
          left += !row.hidden;
        }
        shown.textContent = words.length ? left + " of " + table.tBodies[0].rows.length + " rows" : "";
      });
      tools.append(field, shown);
    }
    const copy = make("button", "Copy");
    copy.type = "button";
    copy.setAttribute("aria-label", "Copy: " + table.caption.textContent);
    copy.addEventListener("click", () => {
      getSelection().selectAllChildren(table);
      copy.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
    });
    tools.append(copy);
    box.prepend(tools);
  }
})();

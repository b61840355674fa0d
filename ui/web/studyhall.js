/* What Gradio has no words for: clicks inside our own HTML, where to scroll, and where the focus stays. */
(() => {
  "use strict";
  const says = document.currentScript.dataset; // in the page's language
  const spoken = says.language;
  let clicks = 0;
  let lastActed = null;
  let actedAt = 0;

  const composing = () => document.querySelector("#question textarea");
  const narrow = () => window.matchMedia("(max-width: 860px)").matches;

  /* "view:cite:0:1" goes to the hidden box #act-view as "cite:0:1#7"; Gradio hands it to Python. */
  function act(action) {
    const [where, ...rest] = action.split(":");
    const box = document.querySelector(`#act-${where} textarea, #act-${where} input`);
    if (!box) return;
    const kind = box instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(box, `${rest.join(":")}#${++clicks}`);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    if (where === "ask") setTimeout(() => composing()?.focus(), 300);
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".act");
    if (!pressed) return;
    event.preventDefault();
    lastActed = pressed.id || pressed.getAttribute("href");
    actedAt = Date.now();
    const action = pressed.value || pressed.getAttribute("href").slice(1);
    const here = { copy, again, edit }[action.split(":")[0]];
    if (here) return here(action.split(":")[1], pressed);
    if (action === "logout:") return fetch("/logout", { method: "POST" }).then(() => location.assign("/login"));
    if (action.startsWith("language:")) return speak(action.slice("language:".length));
    if (action.startsWith("view:")) openedFrom = action === "view:close" ? openedFrom : pressed;
    act(action);
  });

  /* An answer with its sources goes to the clipboard as plain text. */
  async function copy(turn, pressed) {
    const lines = [...document.getElementById(`copied-${turn}`).childNodes].map((node) => (node.nodeName === "BR" ? "\n" : node.textContent));
    await (navigator.clipboard ? navigator.clipboard.writeText(lines.join("")) : copyTheOldWay(lines.join("")));
    const named = pressed.textContent;
    pressed.textContent = says.copied;
    setTimeout(() => (pressed.textContent = named), 2000);
  }

  /* Browsers give the clipboard to pages of this computer and to encrypted ones only. */
  function copyTheOldWay(text) {
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }

  const edit = (turn) => write(document.querySelector(`#turn-${turn} .asked`).textContent);

  function write(question) {
    const box = composing();
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, question);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }

  function again(turn) {
    edit(turn);
    setTimeout(() => document.querySelector("#ask")?.click(), 50);
  }

  /* Documents that are picked in the list, until it is drawn without them. */
  const picked = new Set();
  document.addEventListener("click", (event) => {
    const pick = event.target.closest?.(".pick");
    if (!pick) return;
    if (!picked.delete(pick.value)) picked.add(pick.value);
    showPicked(document);
    act(`pick:set:${[...picked].join(" ")}`);
  });
  function showPicked(root) {
    const shown = [...root.querySelectorAll(".pick")];
    if (document.querySelector("#documents .summary, #documents .nothing")) {
      const there = new Set(shown.map((pick) => pick.value));
      for (const key of picked) there.has(key) || picked.delete(key);
    }
    for (const pick of shown) {
      const on = String(picked.has(pick.value));
      if (pick.getAttribute("aria-pressed") !== on) pick.setAttribute("aria-pressed", on);
    }
  }

  /* The language that is chosen here is kept in this browser; the page comes again in it. */
  function speak(language) {
    document.cookie = `studyhall_language=${language}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  }

  /* What is selected on a page can be asked about. */
  const asking = document.createElement("button");
  asking.type = "button";
  asking.className = "ask-about";
  asking.textContent = says.about;
  let selected = "";
  function offerToAsk() {
    const selection = document.getSelection();
    const inPage = selection.rangeCount && selection.anchorNode?.parentElement?.closest(".sheet");
    selected = inPage ? selection.toString().replace(/\s+/g, " ").trim().slice(0, 300) : "";
    if (!selected) return asking.remove();
    const around = selection.getRangeAt(0).getBoundingClientRect();
    asking.style.left = `${Math.max(8, around.left + scrollX)}px`;
    asking.style.top = `${around.bottom + scrollY + 8}px`;
    document.body.append(asking);
  }
  document.addEventListener("mouseup", () => setTimeout(offerToAsk, 10));
  document.addEventListener("keyup", (event) => event.key === "Shift" && offerToAsk());
  asking.addEventListener("mousedown", (event) => event.preventDefault());
  asking.addEventListener("click", () => {
    asking.remove();
    write(says.means.replace("…", selected));
    document.querySelector('#rooms button[role="tab"]')?.click();
    if (narrow()) act("view:close");
    setTimeout(() => composing()?.focus(), 200);
  });

  /* Arrow keys turn the pages while the page has the focus. */
  document.addEventListener("keydown", (event) => {
    const turns = { ArrowLeft: "view:previous", ArrowRight: "view:next", PageUp: "view:previous", PageDown: "view:next" };
    const where = event.target.closest?.("#viewer");
    if (!where || !turns[event.key] || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const sheet = where.querySelector(".sheet");
    const whole = sheet && sheet.scrollHeight > sheet.clientHeight + 1;
    if (event.key.startsWith("Page") && whole && !atTheEnd(sheet, event.key)) return;
    if (event.key.startsWith("Arrow") && sheet && sheet.scrollWidth > sheet.clientWidth + 1) return;
    event.preventDefault();
    act(turns[event.key]);
    setTimeout(() => document.querySelector("#viewer .sheet")?.focus({ preventScroll: true }), 600);
  });
  const atTheEnd = (sheet, key) =>
    key === "PageUp" ? sheet.scrollTop <= 1 : sheet.scrollTop + sheet.clientHeight >= sheet.scrollHeight - 1;

  /* Escape closes the page beside the answer. */
  let openedFrom = null;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector("#view-close")) act("view:close");
  });

  /* What Gradio draws anew loses its focus: give it back to the button that was pressed. */
  function keepFocus(root) {
    if (!lastActed || document.activeElement !== document.body || Date.now() - actedAt > 3000) return;
    const again = lastActed.startsWith("#")
      ? root.querySelector(`[href="${CSS.escape(lastActed).replaceAll("\\", "\\\\")}"]`)
      : document.getElementById(lastActed);
    const instead = "#docs-keep, .document.opened .buttons button, .document-line";
    const next = again && !again.disabled ? again : lastActed.startsWith("docs-") ? root.querySelector(instead) : null;
    next?.focus({ preventScroll: true });
  }

  function watch(selector, changed) {
    const found = document.querySelector(selector);
    if (found) new MutationObserver(() => changed(found)).observe(found, { childList: true, subtree: true });
    return found !== null;
  }

  /* The marked words come into sight; on a narrow screen the page covers the answer and takes the focus. */
  let seen = null;
  function pageShown(panel) {
    const mark = panel.querySelector(".page-box, .sheet mark");
    const sheet = panel.querySelector(".sheet");
    if (!sheet || sheet === seen) return;
    seen = sheet;
    const image = sheet.querySelector("img");
    const scroll = () => {
      const target = mark || sheet;
      const top = target.getBoundingClientRect().top - sheet.getBoundingClientRect().top + sheet.scrollTop;
      sheet.scrollTop = mark ? Math.max(0, top - sheet.clientHeight / 3) : 0;
      if (mark) {
        const left = mark.getBoundingClientRect().left - sheet.getBoundingClientRect().left + sheet.scrollLeft;
        sheet.scrollLeft = Math.max(0, left - 40);
      }
    };
    scroll();
    if (image && !image.complete) image.addEventListener("load", scroll, { once: true });
    keepFocus(panel);
    if (narrow() && !panel.contains(document.activeElement)) document.getElementById("view-close")?.focus();
  }

  /* A new question comes to the top; then the page holds still while the answer grows. */
  let asked = 0;
  function conversationGrew(panel) {
    const exchanges = panel.querySelectorAll(".exchange");
    if (exchanges.length > asked) exchanges[exchanges.length - 1].scrollIntoView({ behavior: "smooth", block: "start" });
    asked = exchanges.length;
    document.body.classList.toggle("in-conversation", asked > 0);
    remember(panel);
  }

  /* The address names the conversation, so that a page that is loaded again brings it back. */
  function remember(panel) {
    const kept = panel.querySelector('[id^="kept-"]')?.id.slice("kept-".length);
    const address = kept ? `${location.pathname}?c=${kept}` : location.pathname;
    if (address !== location.pathname + location.search && (kept || !waiting)) history.replaceState(null, "", address);
    if (kept) waiting = false;
  }

  let waiting = false;
  function bringBack() {
    const kept = new URLSearchParams(location.search).get("c");
    if (!/^[0-9a-f]{16}$/.test(kept || "")) return;
    waiting = true;
    const open = () => (document.querySelector("#act-past textarea, #act-past input") ? act(`past:open:${kept}`) : setTimeout(open, 100));
    open();
  }

  /* Whoever presses Rename types the new name at once. */
  let renaming = false;
  function renameShown(panel) {
    const box = panel.querySelector("#renamed input, #renamed textarea");
    const shown = Boolean(box && box.offsetParent);
    if (shown && !renaming) setTimeout(() => (box.focus(), box.select()), 150);
    renaming = shown;
  }

  function viewerChanged() {
    const open = document.querySelector("#viewer #view-close") !== null;
    if (document.body.classList.contains("reading") && !open) openedFrom?.isConnected && openedFrom.focus();
    document.body.classList.toggle("reading", open);
    if (open) pageShown(document.querySelector("#viewer"));
    else seen = null;
  }

  function begin() {
    if (!watch("#conversation", conversationGrew)) return setTimeout(begin, 100);
    watch("#main", (panel) => {
      keepFocus(panel);
      renameShown(panel);
    });
    watch("#library", showPicked);
    watch("#desk", viewerChanged);
    label();
    bringBack();
  }

  /* Gradio's upload areas and choosers have names for screen readers; the question box has its label hidden. */
  function label() {
    composing()?.setAttribute("aria-label", says.question);
    document.querySelectorAll('input[type="file"]').forEach((input) => input.setAttribute("aria-label", says.files));
  }

  document.documentElement.classList.toggle("with-login", Boolean(says.login));
  /* Gradio puts the browser's language there. */
  const keepLanguage = () => document.documentElement.lang === spoken || (document.documentElement.lang = spoken);
  new MutationObserver(keepLanguage).observe(document.documentElement, { attributeFilter: ["lang"] });
  keepLanguage();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();

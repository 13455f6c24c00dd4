// The page of the offline chat: several people, one bot, everything as it happens.

import { attaching } from "/page/attaching.js";
import { bubble, element, logLine, typing } from "/page/bubbles.js";

const at = (id) => document.getElementById(id);
const isNarrow = matchMedia("(max-width: 62rem)"); // as in the style sheet
const phones = new Map(); // person's id -> { person, section, chat, messages, ... }
const SIDE_BY_SIDE = 3;
let shown = []; // who stands side by side on a desk, the one chosen longest ago first
let words = {};
let state = {};
let locale = "en";

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const when = (iso, options) =>
  new Intl.DateTimeFormat(locale, { timeZone: state.zone, ...options }).format(new Date(iso));
const clock = (iso) => when(iso, { hour: "2-digit", minute: "2-digit" });
const day = (iso) => when(iso, { weekday: "long", day: "numeric", month: "long" });
const showNow = (iso) => {
  at("clock").dateTime = iso;
  at("clock").textContent = when(iso, { dateStyle: "medium", timeStyle: "short" });
};

async function act(name, body) {
  const response = await fetch(`/chat/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Offline-Chat": "1" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

// One phone per person

function phoneOf(person) {
  const section = at("phone").content.firstElementChild.cloneNode(true);
  const find = (selector) => section.querySelector(selector);
  const phone = {
    person, section, find, chat: find(".chat"), messages: new Map(), waiting: new Map(), lastDay: "",
  };
  section.id = `person-${person.id}`;
  section.classList.add(`hue-${phones.size % 5}`);
  find("h2").textContent = person.name;
  find(".role").textContent = person.role;
  find(".avatar").textContent = person.avatar || [...person.name][0];
  find(".switch-label").textContent = words.blocked;
  find(".switch input").setAttribute("aria-label", `${words.blocked}: ${person.name}`);
  find(".chat").setAttribute("aria-label", filled(words.chat_of, { name: person.name }));
  find(".entry").placeholder = words.write;
  find(".entry").setAttribute("aria-label", `${words.write}: ${person.name}`);
  find(".send").setAttribute("aria-label", words.send);
  find(".menu-toggle").setAttribute("aria-label", words.commands);
  find(".start").textContent = words.start;
  listenTo(phone);
  phones.set(person.id, phone);
  at("phones").append(section);
  addTab(phone);
  for (const message of person.messages) put(phone, message);
  showStanding(phone);
  showMenu(phone, person.menu);
  return phone;
}

function listenTo(phone) {
  const { find, person } = phone;
  const say = (text) => act("say", { user: person.id, text }).catch((error) => toast(phone, error.message));
  find(".compose").addEventListener("submit", (event) => {
    event.preventDefault();
    const entry = find(".entry");
    if (entry.value.trim()) say(entry.value);
    entry.value = "";
  });
  attaching(phone, { act, words, toast });
  find(".start").addEventListener("click", () => say("/start"));
  find(".switch input").addEventListener("change", (event) =>
    act("block", { user: person.id, blocked: event.target.checked }));
  find(".menu-toggle").addEventListener("click", () => openMenu(phone, find(".menu").hidden));
  find(".menu").addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    openMenu(phone, false);
    say(`/${chosen.dataset.command}`);
  });
  phone.section.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !find(".menu").hidden) {
      openMenu(phone, false);
      find(".menu-toggle").focus();
    }
  });
  phone.chat.addEventListener("click", (event) => {
    const command = event.target.closest("a.command");
    const image = event.target.closest(".photo")?.querySelector("img");
    const link = event.target.closest("a[href*='t.me/']");
    const payload = link && startPayload(link.href);
    if (command || payload) event.preventDefault();
    if (command) say(command.dataset.say);
    if (payload) say(`/start ${payload}`);
    if (image) enlarge(image);
  });
}

function startPayload(address) {
  const url = new URL(address);
  const isOurs = url.pathname.slice(1).toLowerCase() === state.bot.username.toLowerCase();
  return isOurs ? url.searchParams.get("start") : null;
}

function put(phone, message, { isFlashed = false, isFresh = false } = {}) {
  const { chat, messages } = phone;
  const isNear = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 160;
  const name = message.mine ? phone.person.name : state.bot.name;
  const made = bubble(message, { words, clock, name, onKey: (...pressed) => press(phone, ...pressed) });
  const old = messages.get(message.id);
  if (old) {
    keepFocus(old, made);
    old.replaceWith(made);
    made.classList.toggle("flash", isFlashed);
  } else {
    chat.querySelector(".blank")?.remove();
    chat.querySelector(".typing")?.remove();
    if (day(message.at) !== phone.lastDay) {
      phone.lastDay = day(message.at);
      chat.append(element("li", "day", phone.lastDay));
    }
    made.classList.toggle("fresh", isFresh);
    chat.append(made);
  }
  messages.set(message.id, made);
  if (isNear || message.mine || !isFresh) {
    toEnd(phone);
    made.querySelector("img")?.addEventListener("load", () => toEnd(phone));
  }
}

function toEnd(phone) {
  phone.chat.scrollTop = phone.chat.scrollHeight;
}

function keepFocus(old, made) {
  const keys = [...old.querySelectorAll(".key")];
  const index = keys.indexOf(document.activeElement);
  if (index < 0) return;
  requestAnimationFrame(() => {
    const fresh = made.querySelectorAll(".key");
    fresh[Math.min(index, fresh.length - 1)]?.focus({ preventScroll: true });
  });
}

async function press(phone, message, key, button) {
  if (key.copy) {
    await navigator.clipboard?.writeText(key.copy);
    return toast(phone, words.copied);
  }
  if (button.getAttribute("aria-busy")) return undefined;
  button.setAttribute("aria-busy", "true");
  const free = () => button.removeAttribute("aria-busy");
  setTimeout(free, 15000);
  try {
    const { query } = await act("press", { user: phone.person.id, message: message.id, data: key.data });
    phone.waiting.set(query, free);
    if (phone.answered === query) free();
  } catch {
    free(); // the keyboard changed under the finger
  }
  return undefined;
}

function showAnswer(phone, answer) {
  phone.answered = answer.query;
  phone.waiting.get(answer.query)?.();
  phone.waiting.delete(answer.query);
  if (!answer.text) return;
  if (!answer.alert) return void toast(phone, answer.text);
  at("alert-title").textContent = filled(words.answered, { bot: state.bot.name });
  at("alert-text").textContent = answer.text;
  at("alert").showModal();
}

function toast(phone, text) {
  const place = phone.find(".toast");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(phone.toastTimer);
  phone.toastTimer = setTimeout(() => place.classList.remove("shown"), 3500);
}

function showTyping(phone) {
  phone.chat.querySelector(".typing")?.remove();
  const dots = typing(words, state.bot.name);
  phone.chat.append(dots);
  toEnd(phone);
  setTimeout(() => dots.remove(), 5000);
}

function showStanding(phone) {
  const { find, person, section } = phone;
  const isStarted = person.started || phone.messages.size > 0;
  section.classList.toggle("is-blocked", person.blocked);
  find(".switch input").checked = person.blocked;
  find(".blocked-note").textContent = filled(words.blocked_note, person);
  find(".blocked-note").hidden = !person.blocked;
  find(".compose").hidden = person.blocked || !isStarted;
  find(".start").hidden = person.blocked || isStarted;
  if (!isStarted && !phone.chat.children.length) {
    phone.chat.append(element("li", "blank", filled(words.not_started, person)));
  }
}

function showMenu(phone, commands) {
  const menu = phone.find(".menu");
  menu.replaceChildren(
    ...commands.map(({ command, description }) => {
      const line = element("button");
      line.type = "button";
      line.dataset.command = command;
      line.append(element("b", "", `/${command}`), element("span", "", description));
      line.firstChild.dir = "ltr";
      line.lastChild.dir = "auto";
      return line;
    }),
  );
  phone.find(".menu-toggle").hidden = !commands.length;
}

function openMenu(phone, isOpen) {
  phone.find(".menu").hidden = !isOpen;
  phone.find(".menu-toggle").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) phone.find(".menu button")?.focus();
}

function enlarge(image) {
  at("viewer-image").src = image.src;
  at("viewer-image").alt = image.alt;
  at("viewer-close").setAttribute("aria-label", words.close);
  at("viewer").showModal();
}

// Tabs, for a phone's width

function addTab(phone) {
  const tab = element("button", "tab");
  tab.type = "button";
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", phone.section.id);
  tab.append(element("span", "", phone.person.name), element("small", "", phone.person.role));
  tab.addEventListener("click", () => choose(phone));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...phones.values()];
    const forward = document.documentElement.dir === "rtl" ? -step : step;
    const next = all[(all.indexOf(phone) + forward + all.length) % all.length];
    choose(next);
    next.tab.focus();
  });
  phone.tab = tab;
  phone.section.setAttribute("aria-label", `${phone.person.name}, ${phone.person.role}`);
  at("tabs").append(tab);
  at("tabs").classList.toggle("needed", phones.size > SIDE_BY_SIDE);
  if (shown.length < SIDE_BY_SIDE) shown.push(phone);
  if (phones.size === 1) choose(phone);
  else showChosen();
}

function isSeen(phone) {
  return isNarrow.matches ? phone.section.classList.contains("chosen") : shown.includes(phone);
}

function showChosen() {
  at("tabs").setAttribute("aria-multiselectable", String(!isNarrow.matches));
  for (const phone of phones.values()) {
    const isChosen = phone.section.classList.contains("chosen");
    phone.section.classList.toggle("shown", shown.includes(phone));
    phone.tab.setAttribute("aria-selected", String(isSeen(phone)));
    phone.tab.tabIndex = isChosen ? 0 : -1;
    if (isSeen(phone)) phone.tab.classList.remove("unread");
  }
}

function choose(phone) {
  const isNew = !shown.includes(phone);
  shown = isNew ? [...shown, phone].slice(-SIDE_BY_SIDE) : [...shown.filter((one) => one !== phone), phone];
  for (const other of phones.values()) other.section.classList.toggle("chosen", other === phone);
  showChosen();
  if (isNew || isNarrow.matches) toEnd(phone);
  phone.section.scrollIntoView({ inline: "nearest", block: "nearest" });
}

// The log of calls and the week

function showCall(call) {
  at("log-empty").hidden = true;
  at("log-lines").prepend(logLine(call, { words, clock }));
  while (at("log-lines").children.length > 300) at("log-lines").lastChild.remove();
}

function openLog(isOpen) {
  at("log").hidden = !isOpen;
  at("log-toggle").setAttribute("aria-expanded", String(isOpen));
  (isOpen ? at("log-close") : at("log-toggle")).focus();
}

function showWeek({ state: stage, text }) {
  const notice = at("notice");
  at("week").disabled = stage === "running";
  notice.className = `notice ${stage}`;
  notice.dir = "auto";
  const lead = { running: words.week_running, failed: words.week_failed, done: "" }[stage];
  notice.textContent = [stage === "running" && text ? "" : lead, text].filter(Boolean).join(" ");
  notice.hidden = !notice.textContent;
}

// What the server tells

const reactions = {
  message: (phone, event) => {
    phone.person.started ||= event.message.mine;
    put(phone, event.message, { isFresh: true });
    showStanding(phone);
    if (!isSeen(phone)) phone.tab.classList.add("unread");
  },
  edited: (phone, event) => put(phone, event.message, { isFlashed: true }),
  reacted: (phone, event) => put(phone, event.message),
  deleted: (phone, event) => {
    phone.messages.get(event.message_id)?.remove();
    phone.messages.delete(event.message_id);
  },
  answer: showAnswer,
  typing: showTyping,
  blocked: (phone, event) => {
    phone.person.blocked = event.is_blocked;
    showStanding(phone);
  },
};

function hear(event) {
  showNow(event.now);
  if (event.kind === "call") return showCall(event);
  if (event.kind === "week") return showWeek(event);
  if (event.kind === "person") return phones.has(event.id) ? undefined : void phoneOf(event);
  if (event.kind === "menu") {
    for (const phone of phones.values()) showMenu(phone, event.menus[phone.person.id] ?? []);
    return undefined;
  }
  const phone = phones.get(event.user);
  return phone && reactions[event.kind]?.(phone, event);
}

function listen() {
  let early = [];
  const stream = new EventSource("/chat/events");
  stream.addEventListener("open", async () => {
    await begin();
    const last = state.calls.at(-1)?.at ?? "";
    for (const event of early) if (event.kind !== "call" || event.at > last) hear(event);
    early = null;
  });
  stream.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (early) early.push(event);
    else hear(event);
  });
  stream.addEventListener("error", () => {
    early ??= [];
    if (!words.lost) return;
    at("notice").textContent = words.lost;
    at("notice").className = "notice running";
    at("notice").hidden = false;
  });
}

// The beginning, and the beginning again when the connection was lost

async function begin() {
  const chosen = [...phones.values()].findIndex((phone) => phone.section.classList.contains("chosen"));
  state = await (await fetch("/chat/state")).json();
  const all = await (await fetch("/page/words.json")).json();
  const asked = new URLSearchParams(location.search).get("lang");
  locale = [asked, state.language].find((code) => code in all) ?? "en";
  words = { ...all.en, ...all[locale] };
  // Before the first word: what was drawn without its letters is not always drawn anew.
  await Promise.allSettled([...document.fonts].map((face) => face.load()));
  document.documentElement.lang = locale;
  document.documentElement.dir = locale === "ar" ? "rtl" : "ltr";
  label(all);
  const before = shown.map((phone) => phone.person.id);
  phones.clear();
  shown = [];
  for (const place of ["phones", "tabs", "log-lines"]) at(place).replaceChildren();
  for (const person of state.people) phoneOf(person);
  for (const id of before) if (phones.has(id)) choose(phones.get(id));
  if (chosen > 0) choose([...phones.values()][chosen] ?? [...phones.values()][0]);
  at("log-empty").hidden = false;
  for (const call of state.calls) showCall(call);
  at("notice").hidden = true;
  if (state.week.running) showWeek({ state: "running", text: state.week.text });
  else at("week").disabled = false;
  at("week").hidden = !state.week.offered;
  showNow(state.now);
  for (const phone of phones.values()) toEnd(phone);
  document.body.dataset.ready = "true";
}

function label(all) {
  document.title = `${state.bot.name} · ${words.people}`;
  at("product").textContent = state.bot.name;
  const texts = {
    explanation: "explanation", "clock-label": "time", week: "week", "log-label": "log", "add-label": "add",
    "log-title": "log", "log-close": "close", "log-empty": "log_empty", "alert-close": "close",
    "newcomer-title": "add", "newcomer-name-label": "name", "newcomer-language-label": "person_language",
    "newcomer-payload-label": "invitation", "newcomer-cancel": "cancel", "newcomer-ok": "start",
  };
  for (const [id, word] of Object.entries(texts)) at(id).textContent = words[word];
  at("add").setAttribute("aria-label", words.add);
  at("log-toggle").setAttribute("aria-label", words.log);
  at("tabs").setAttribute("aria-label", words.people);
  at("page-language").setAttribute("aria-label", words.page_language);
  const columns = ["time", "method", "person", "ms", "result"];
  at("log-columns").replaceChildren(...columns.map((name) => element("th", "", words[`column_${name}`])));
  const options = () => Object.entries(all).map(([code, its]) => new Option(its.language, code));
  at("page-language").replaceChildren(...options());
  at("page-language").value = locale;
  at("newcomer-language").replaceChildren(...options());
  at("newcomer-language").value = locale;
}

isNarrow.addEventListener("change", showChosen);
at("week").addEventListener("click", () => act("week", {}));
at("log-toggle").addEventListener("click", () => openLog(at("log").hidden));
at("log-close").addEventListener("click", () => openLog(false));
at("page-language").addEventListener("change", (event) => {
  location.search = `?lang=${encodeURIComponent(event.target.value)}`;
});
at("add").addEventListener("click", () => at("newcomer").showModal());
at("newcomer-cancel").addEventListener("click", () => at("newcomer").close());
at("newcomer-form").addEventListener("submit", async () => {
  const { user } = await act("person", {
    name: at("newcomer-name").value,
    language: at("newcomer-language").value,
    payload: at("newcomer-payload").value.trim(),
  });
  at("newcomer-form").reset();
  if (phones.has(user)) choose(phones.get(user));
});
listen();

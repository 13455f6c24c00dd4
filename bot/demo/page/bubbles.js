// Bubbles, keyboards and lines of the log: plain data in, elements out.

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function bubble(message, { words, clock, name, onKey }) {
  const item = element("li", "message");
  item.dataset.id = message.id;
  item.classList.toggle("mine", message.mine);
  item.classList.toggle("has-keyboard", message.keyboard.length > 0);
  const seen = message.photo ?? (message.document?.width && message.document);
  item.classList.toggle("has-photo", Boolean(seen));
  const body = element("div", "bubble");
  body.append(element("span", "visually-hidden", `${name}: `));
  if (seen) body.append(picture(seen, message, words));
  if (message.document) body.append(file(message.document));
  if (message.voice) body.append(voice(message.voice, words));
  if (message.html) {
    const text = element("div", "words");
    text.dir = "auto";
    text.innerHTML = message.html; // made safe by the server: known tags, all else escaped
    body.append(text);
  }
  const meta = element("div", "meta");
  if (message.edited) meta.append(element("span", "edited", words.edited));
  const time = element("time", "", clock(message.at));
  time.dateTime = message.at;
  meta.append(time);
  body.append(meta);
  if (message.reaction) body.append(element("span", "reaction", message.reaction));
  item.append(body);
  if (message.keyboard.length) item.append(keyboard(message, words, onKey));
  return item;
}

function picture(seen, message, words) {
  const button = element("button", "photo");
  button.type = "button";
  button.setAttribute("aria-label", words.enlarge);
  const image = element("img");
  image.src = seen.url;
  image.width = seen.width;
  image.height = seen.height;
  image.alt = plain(message.html) || words.picture;
  button.append(image);
  return button;
}

function file(document_) {
  const link = element("a", "file", document_.name);
  link.href = document_.url;
  link.download = document_.name;
  return link;
}

function voice(spoken, words) {
  const player = element("audio", "voice");
  player.controls = true;
  player.preload = "none";
  player.src = spoken.url;
  player.setAttribute("aria-label", words.voice.replace("{seconds}", spoken.seconds));
  return player;
}

function keyboard(message, words, onKey) {
  const board = element("div", "keyboard");
  for (const row of message.keyboard) {
    const line = element("div", "keys");
    for (const key of row) line.append(keyOf(message, key, words, onKey));
    board.append(line);
  }
  return board;
}

function keyOf(message, key, words, onKey) {
  const made = element(key.url ? "a" : "button", `key ${key.style}`.trim(), key.text);
  made.title = key.text;
  made.dir = "auto";
  if (key.url) {
    made.classList.add("link");
    made.href = key.url;
    made.target = "_blank";
    made.rel = "noopener noreferrer";
  } else {
    made.type = "button";
    made.addEventListener("click", () => onKey(message, key, made));
  }
  return made;
}

export function plain(html) {
  return new DOMParser().parseFromString(html, "text/html").body.textContent;
}

export function logLine(call, { words, clock }) {
  const line = element("tr", call.error ? "error" : "");
  line.append(
    element("td", "", clock(call.at)),
    element("td", "method", call.method),
    element("td", "", call.person),
    element("td", "ms", call.ms.toFixed(call.ms < 10 ? 2 : 0)),
    element("td", call.error ? "result" : "result ok", call.error || words.ok),
  );
  line.children[1].dir = "ltr";
  line.children[4].dir = "auto";
  return line;
}

export function typing(words, bot) {
  const item = element("li", "typing");
  item.append(element("i"), element("i"), element("i"));
  item.append(element("span", "visually-hidden", words.typing.replace("{bot}", bot)));
  return item;
}

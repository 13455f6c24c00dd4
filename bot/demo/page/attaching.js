// What a person sends beside words: a picture, a file, or what they say into the microphone.

export function attaching(phone, { act, words, toast }) {
  const { find, person } = phone;
  const entry = find(".entry");
  const clip = find(".attach");
  const microphone = find(".speak");
  const chooser = find(".chooser");
  clip.setAttribute("aria-label", words.attach);
  clip.title = words.attach;
  microphone.setAttribute("aria-label", words.speak);
  microphone.title = words.speak;

  const send = async (blob, name, more = {}) => {
    const caption = entry.value.trim();
    const type = blob.type.split(";")[0] || "application/octet-stream";
    try {
      await act("send", { user: person.id, name, type, content: await base64(blob), caption, ...more });
      entry.value = "";
    } catch (error) {
      toast(phone, error.message);
    }
  };

  clip.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", async () => {
    for (const file of chooser.files) await send(file, file.name);
    chooser.value = "";
  });

  let recorder = null;
  microphone.addEventListener("click", async () => {
    if (recorder) return recorder.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      recorder = record(stream, (blob, seconds) => {
        recorder = null;
        microphone.setAttribute("aria-pressed", "false");
        send(blob, "voice.ogg", { seconds });
      });
      microphone.setAttribute("aria-pressed", "true");
    } catch {
      toast(phone, words.no_microphone);
    }
    return undefined;
  });
}

function record(stream, done) {
  const recorder = new MediaRecorder(stream);
  const parts = [];
  const began = performance.now();
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.addEventListener("stop", () => {
    for (const track of stream.getTracks()) track.stop();
    const seconds = Math.max(1, Math.round((performance.now() - began) / 1000));
    done(new Blob(parts, { type: recorder.mimeType || "audio/webm" }), seconds);
  });
  recorder.start();
  return recorder;
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}

// The microphone, in chunks: the next one is sent when the last one has been answered, so nothing queues up.
const desk = element.querySelector('.wl-denoising-mic'), find = (selector) => desk.querySelector(selector);
const button = find('.wl-denoising-mic-start'), words = find('.wl-denoising-mic-words'), hear = find('.wl-denoising-mic-hear');
const figure = (name, text) => { find(`[data-figure="${name}"]`).textContent = text; };
const table = Uint8Array.from(atob(desk.dataset.table), (c) => c.charCodeAt(0));
const CHUNK = 0.3, BEHIND = 3, PATIENCE = 10000;
const TAP = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input]) { if (input[0]) this.port.postMessage(input[0].slice(0)); return true; }
});`;
let context = null, track = null, taken = [], count = 0, number = 0, asked = 0, sentSeconds = 0, lost = 0, next = 0;
let first = true, ending = false, alarm = 0;

const say = (text) => { words.textContent = text; };
const state = (name) => {
  desk.dataset.state = name;
  desk.dataset.playing = name === 'on' ? 'yes' : 'no';
  button.setAttribute('aria-label', name === 'on' ? 'Stop' : 'Listen');
};
const blank = () => desk.querySelectorAll('canvas').forEach((c) => {
  const pen = c.getContext('2d');
  pen.fillStyle = `rgb(${table[0]},${table[1]},${table[2]})`;
  pen.fillRect(0, 0, c.width, c.height);
});
const draw = (canvas, text) => {
  if (!text) return;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), rows = canvas.height;
  const columns = Math.min(bytes.length / rows, canvas.width), skip = bytes.length / rows - columns;
  if (!columns) return;
  const pen = canvas.getContext('2d'), strip = pen.createImageData(columns, rows);
  for (let x = 0; x < columns; x++) for (let y = 0; y < rows; y++) {
    const colour = 3 * bytes[(x + skip) * rows + rows - 1 - y], at = 4 * (y * columns + x);
    strip.data.set([table[colour], table[colour + 1], table[colour + 2], 255], at);
  }
  pen.drawImage(canvas, -columns, 0);
  pen.putImageData(strip, canvas.width - columns, 0);
};
const sound = (text) => {
  if (!text || !context) return;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), x = new Int16Array(bytes.buffer);
  if (!x.length) return;
  const buffer = context.createBuffer(1, x.length, 16000), source = context.createBufferSource();
  buffer.getChannelData(0).set(Float32Array.from(x, (v) => v / 32768));
  source.buffer = buffer;
  source.connect(context.destination);
  if (next < context.currentTime) next = context.currentTime + 0.12;
  source.start(next);
  next += buffer.duration;
};
const send = (last = false) => {
  if (asked || !context) return;
  let seconds = count / context.sampleRate;
  if (!last && seconds < CHUNK) return;
  while (seconds > BEHIND && taken.length > 1) {  // too far behind: the oldest goes, and is counted
    const dropped = taken.shift().length;
    count -= dropped;
    lost += dropped / context.sampleRate;
    seconds = count / context.sampleRate;
  }
  const pcm = new Int16Array(count);
  let at = 0;
  for (const block of taken) for (const x of block) pcm[at++] = Math.max(-1, Math.min(1, x)) * 32767;
  taken = []; count = 0;
  const bytes = new Uint8Array(pcm.buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  asked = performance.now();
  sentSeconds = seconds;
  props.value = { n: ++number, rate: context.sampleRate, pcm: btoa(text), first, last, hear: hear.checked };
  first = false;
  trigger('input');
  clearTimeout(alarm);
  alarm = setTimeout(() => { asked = 0; close('The server did not answer within ten seconds. Try again in a moment.'); }, PATIENCE);
};
const close = (text) => {
  clearTimeout(alarm);
  track?.getTracks().forEach((t) => t.stop());
  context?.close();
  context = track = null;
  ending = false;
  state('idle');
  if (text) say(text);
};
const start = async () => {
  if (!navigator.mediaDevices?.getUserMedia) {
    say('This browser gives the microphone only to pages over https, or on this very machine.');
    return;
  }
  state('asking');
  say('Allow the microphone in the browser’s question.');
  try {
    track = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 } });
    context = new AudioContext();
    await context.resume();
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([TAP], { type: 'text/javascript' })));
  } catch (error) {
    close(error.name === 'NotAllowedError' ? 'The microphone was not allowed. Allow it for this page in the browser’s settings, and press again.'
      : `There is no microphone that can be opened (${error.name}). Connect one, and press again.`);
    return;
  }
  taken = []; count = 0; number = 0; asked = 0; lost = 0; next = 0; first = true; ending = false;
  blank();
  const tap = new AudioWorkletNode(context, 'tap', { numberOfInputs: 1, numberOfOutputs: 1, channelCount: 1, channelCountMode: 'explicit' });
  tap.port.onmessage = ({ data }) => {
    if (ending) return;
    taken.push(data);
    count += data.length;
    if (desk.offsetParent) send();
    else stop();  // whoever has gone to another tab is not listened to
  };
  const quiet = context.createGain();
  quiet.gain.value = 0;  // the microphone itself is never played
  context.createMediaStreamSource(track).connect(tap).connect(quiet).connect(context.destination);
  state('on');
  say('Listening.');
};
const stop = () => {
  ending = true;
  track?.getTracks().forEach((t) => t.stop());
  state('ending');
  say('Gathering what was heard …');
  send(true);
};
button.addEventListener('click', () => {
  if (desk.dataset.state === 'idle') start();
  else if (desk.dataset.state === 'on') stop();
});
watch('heard', () => {
  const answer = props.heard;
  if (!answer || !context) return;
  clearTimeout(alarm);
  if (answer.error) { asked = 0; close(answer.error); return; }
  const taken_ms = performance.now() - asked, was_last = props.value.last;
  asked = 0;
  draw(find('.wl-denoising-mic-in'), answer.in);
  draw(find('.wl-denoising-mic-out'), answer.out);
  sound(answer.pcm);
  figure('factor', answer.factor.toFixed(3));
  figure('work', answer.work.toFixed(1));
  figure('delay', (sentSeconds + taken_ms / 1000 + answer.latency).toFixed(2));
  figure('heard', answer.seconds.toFixed(1));
  if (was_last) { close('Stopped. Both sides are in the players below.'); trigger('stop'); return; }
  say(lost ? `${answer.words} ${lost.toFixed(1)} s of sound were lost.` : answer.words);
  if (answer.done) { stop(); return; }
  ending ? send(true) : send();
});
blank();

// Linked players on one WebAudio clock: three buffers run in step, and what is heard is a choice of three gains.
const deck = element.querySelector('.wl-denoising-deck'), find = (selector) => deck.querySelector(selector);
const scrub = find('.wl-denoising-scrub'), wet = find('.wl-denoising-wet'), volume = find('.wl-denoising-volume'), loop = find('.wl-denoising-loop');
const time = find('.wl-denoising-time'), said = find('.wl-denoising-saved'), NAMES = ['noisy', 'denoised', 'clean'];
const heads = deck.querySelectorAll('.wl-denoising-head'), sides = [...deck.querySelectorAll('[data-side]')];
let now = null, context = null, master = null, gains = {}, running = null, frame = 0, visit = 0;
let wanted = false;  // Play was pressed, and its sound is still being decoded
let side = 'denoised', offset = 0, started = 0;

const mixes = () => {
  const w = wet.value / 100;
  return { noisy: [1, 0, 0], denoised: [1 - w, w, 0], removed: [1, -1, 0], clean: [0, 0, 1] }[side];
};
const position = () => {
  if (!now) return 0;
  if (!running) return offset;
  const at = offset + Math.max(0, context.currentTime - started);
  return loop.checked ? at % now.seconds : Math.min(at, now.seconds);
};
const ramp = (param, to) => {  // 12 ms: too quick to notice, too slow to click
  param.cancelScheduledValues(context.currentTime);
  param.setValueAtTime(param.value, context.currentTime);
  param.linearRampToValueAtTime(to, context.currentTime + 0.012);
};
const remix = () => { if (context) mixes().forEach((g, i) => ramp(gains[NAMES[i]].gain, g)); };
const wake = () => {
  if (!context) {
    context = new AudioContext();
    master = context.createGain();
    master.gain.value = (volume.value / 100) ** 2;
    master.connect(context.destination);
    NAMES.forEach((name, i) => {
      gains[name] = context.createGain();
      gains[name].gain.value = mixes()[i];
      gains[name].connect(master);
    });
  }
  return context.resume();
};
const show = () => {
  const at = position(), share = now ? 100 * at / now.seconds : 0;
  heads.forEach((head) => { head.style.left = `${share}%`; });
  if (document.activeElement !== scrub || running) scrub.value = at;
  time.innerHTML = `${at.toFixed(1)} <small>/ ${(now ? now.seconds : 0).toFixed(1)} s</small>`;
};
const roll = () => {
  show();
  if (running && !loop.checked && position() >= now.seconds) { halt(); offset = 0; show(); return; }
  if (running) frame = requestAnimationFrame(roll);
};
const halt = () => {
  if (!running) return;
  offset = position();
  Object.values(running).forEach((source) => { source.onended = null; source.stop(); source.disconnect(); });
  running = null;
  cancelAnimationFrame(frame);
  face();
};
const face = () => {
  deck.dataset.playing = running ? 'yes' : 'no';
  find('.wl-denoising-play').setAttribute('aria-label', running ? 'Pause' : 'Play');
};
const play = async () => {
  const mine = now;
  if (!mine || running) return;
  wanted = true;
  await wake();
  try {
    mine.buffers ??= Object.fromEntries(await Promise.all(Object.entries(mine.bytes).map(
      async ([name, bytes]) => [name, await context.decodeAudioData(bytes.slice(0))])));
  } catch {
    said.textContent = 'This browser could not decode the sound. Save it, and listen to the file.';
    wanted = false;
    return;
  }
  if (mine !== now || running) return;  // another sound came meanwhile: `load` plays that one
  wanted = false;
  if (offset >= mine.seconds - 0.02) offset = 0;
  running = {};
  started = context.currentTime + 0.02;
  for (const [name, buffer] of Object.entries(mine.buffers)) {
    const source = running[name] = context.createBufferSource();
    source.buffer = buffer;
    source.loop = loop.checked;
    source.connect(gains[name]);
    source.start(started, offset);
  }
  remix();
  face();
  roll();
};
const seek = (seconds) => {
  if (!now) return;
  const was = running;
  halt();
  offset = Math.max(0, Math.min(seconds, now.seconds));
  show();
  if (was) play();
};
const choose = (name) => {
  const button = sides.find((b) => b.dataset.side === name);
  if (!button || button.disabled) return;
  side = name;
  sides.forEach((b) => { b.setAttribute('aria-checked', b === button); b.tabIndex = b === button ? 0 : -1; });
  deck.querySelectorAll('.wl-denoising-track').forEach((t) => t.classList.toggle('wl-denoising-heard', t.dataset.track === name));
  remix();
};
const describe = (value) => {
  for (const track of deck.querySelectorAll('.wl-denoising-track')) {
    const picture = value.pictures[track.dataset.track];
    track.hidden = !picture;
    if (!picture) continue;
    const image = track.querySelector('img');
    image.src = picture.src;
    image.alt = picture.words;
    track.querySelector('.wl-spec-x').innerHTML = picture.x.map(([at, text], i, all) =>
      `<span style="left:${100 * at}%">${text}${i === all.length - 1 ? ' s' : ''}</span>`).join('');
    track.querySelector('.wl-spec-y').innerHTML = picture.y.map(([at, text], i, all) =>
      `<span style="bottom:${100 * at}%">${text}${i === all.length - 1 ? ' kHz' : ''}</span>`).join('');
    track.querySelector('.wl-spec-words').textContent = picture.words.replace(/^\w+: /, '');
  }
  find('.wl-denoising-low').textContent = value.low;
  find('.wl-denoising-high').textContent = value.high;
};
const load = async () => {
  const value = props.value, mine = ++visit;
  deck.removeAttribute('aria-busy');
  if (!value || !value.files) { halt(); now = null; wanted = false; deck.dataset.state = 'empty'; return; }
  deck.setAttribute('aria-busy', 'true');
  const fetched = await Promise.all(Object.entries(value.files).map(async ([name, file]) => {
    const answer = await fetch(file.url);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return [name, await answer.arrayBuffer()];
  })).catch(() => null);
  if (mine !== visit) return;
  deck.removeAttribute('aria-busy');
  if (!fetched) { said.textContent = 'The sound could not be fetched from the server. Ask for it again.'; return; }
  const was = running !== null || wanted, at = position(), before = now;  // as they are now: the fetch took its time
  halt();
  now = { ...value, bytes: Object.fromEntries(fetched) };
  offset = before && before.title === value.title && Math.abs(before.seconds - value.seconds) < 0.05 ? at : 0;
  deck.dataset.state = 'ready';
  deck.dataset.title = now.title;
  scrub.max = now.seconds;
  scrub.step = Math.max(0.001, now.seconds / 2000);
  const known = 'clean' in now.bytes, button = sides.find((b) => b.dataset.side === 'clean');
  button.disabled = !known;
  button.title = known ? 'Hear it: clean (key D)' : 'Only known on the mixing desk';
  if (!known && side === 'clean') choose('denoised');
  said.textContent = '';
  describe(value);
  choose(side);
  show();
  if (was) play();  // another net while it plays: the music does not stop
};
const samples = (name) => new Int16Array(now.bytes[name], 44);
const save = () => {
  if (!now) return;
  const parts = mixes().map((g, i) => [g, NAMES[i]]).filter(([g]) => g !== 0).map(([g, name]) => [g, samples(name)]);
  const mixed = new Float64Array(parts[0][1].length);
  for (const [g, x] of parts) for (let i = 0; i < mixed.length; i++) mixed[i] += g * x[i];
  let peak = 1;
  for (const x of mixed) peak = Math.max(peak, Math.abs(x));
  const normalise = find('.wl-denoising-normalise').checked;
  const gain = normalise ? 10 ** (-1 / 20) * 32767 / peak : Math.min(1, 32767 / peak);
  const file = new DataView(new ArrayBuffer(44 + 2 * mixed.length));
  new Uint8Array(file.buffer).set(new Uint8Array(now.bytes.noisy, 0, 44));
  mixed.forEach((x, i) => file.setInt16(44 + 2 * i, Math.round(gain * x), true));
  const link = document.createElement('a');
  const words = `${now.title} ${side} ${side === 'noisy' || side === 'clean' ? '' : now.method}`;
  link.download = `${words.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}.wav`;
  link.href = URL.createObjectURL(new Blob([file.buffer], { type: 'audio/wav' }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  const db = 20 * Math.log10(gain), turned = `turned ${db > 0 ? 'up' : 'down'} by ${Math.abs(db).toFixed(1)} dB`;
  said.textContent = `Saved ${link.download}: 16 bit, ${now.rate / 1000} kHz, ${
    normalise ? `normalised, ${turned}` : gain < 1 ? `${turned} so as not to clip` : 'at its own level'}.`;
};

deck.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.side) { choose(button.dataset.side); wake(); }
  if (button.dataset.do === 'play') running ? halt() : play();
  if (button.dataset.do === 'save') save();
});
deck.addEventListener('pointerdown', (event) => {
  const picture = event.target.closest('.wl-spec');
  if (!picture || !now || event.button) return;
  const box = picture.querySelector('img').getBoundingClientRect();
  const to = (e) => seek((e.clientX - box.left) / box.width * now.seconds);
  to(event);
  event.preventDefault();
  const move = (e) => to(e);
  const up = () => { removeEventListener('pointermove', move); removeEventListener('pointerup', up); };
  addEventListener('pointermove', move);
  addEventListener('pointerup', up);
});
deck.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const on = event.target, key = event.key.toLowerCase();
  const letter = 'abcd'.indexOf(key);
  if (letter >= 0 && key.length === 1) { choose(sides[letter].dataset.side); event.preventDefault(); return; }
  if (key === ' ' && (!on.closest('button, input') || on.type === 'range' || on.dataset.side)) {
    running ? halt() : play();
    event.preventDefault();
    return;
  }
  const step = { arrowright: 1, arrowdown: 1, arrowleft: -1, arrowup: -1 }[key];
  if (step && on.dataset.side) {
    const open = sides.filter((b) => !b.disabled), next = open[(open.indexOf(on) + step + open.length) % open.length];
    choose(next.dataset.side);
    next.focus();
    event.preventDefault();
  }
});
scrub.addEventListener('input', () => seek(Number(scrub.value)));
wet.addEventListener('input', () => { wet.parentNode.querySelector('output').textContent = `${wet.value} %`; remix(); });
volume.addEventListener('input', () => {
  volume.parentNode.querySelector('output').textContent = `${volume.value} %`;
  if (context) ramp(master.gain, (volume.value / 100) ** 2);
});
loop.addEventListener('change', () => { const at = position(); if (running) { halt(); offset = at; play(); } });
watch('value', load);
load();

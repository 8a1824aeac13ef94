// The nudge pad: the picture moves by whole pixels, the answers follow, and every shift has its cell in two squares.
const $ = (name, within = element) => within.querySelector(`.wl-cifar10-${name}`);
const SIDE = 32, { reach: REACH, cell: CELL } = props, SIDES = 2 * REACH + 1;
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), colours = bytes(props.colours);
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
let right = 0, down = 0, pixels = null, tables = [null, null], drag = null, told = null, key = '';

const per_cent = (p) => (p > 0.999 ? '> 99.9 %' : p < 0.001 ? '< 0.1 %' : `${(100 * p).toFixed(p > 0.1 && p < 0.99 ? 0 : 1)} %`);
const most = (p) => p.reduce((best, x, c) => (x > p[best] ? c : best), 0);
const words_of = (x, y) => {
  const way = [x && `${Math.abs(x)} ${x > 0 ? 'right' : 'left'}`, y && `${Math.abs(y)} ${y > 0 ? 'down' : 'up'}`].filter(Boolean);
  return way.length ? `moved ${way.join(', ')}` : 'not moved';
};
const at_shift = (n, x, y) => {  // what net n says of the picture there; nothing before it is known
  const net = props.value.nets[n], table = tables[n], many = net.classes.length;
  if (!x && !y) return net.p;
  if (!table) return null;
  const from = ((y + REACH) * SIDES + x + REACH) * many;
  return Array.from(table.subarray(from, from + many), (p) => p / 65535);
};

const draw_picture = () => {
  const pen = $('pad').querySelector('canvas').getContext('2d'), picture = pen.createImageData(SIDE, SIDE);
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) {
    const from = clamp(y - down, 0, SIDE - 1) * SIDE + clamp(x - right, 0, SIDE - 1), to = 4 * (y * SIDE + x);
    for (let c = 0; c < 3; c++) picture.data[to + c] = pixels[c * SIDE * SIDE + from];
    picture.data[to + 3] = 255;
  }
  pen.putImageData(picture, 0, 0);
  const pad = $('pad'), words = words_of(right, down);
  pad.setAttribute('aria-valuenow', right); pad.setAttribute('aria-valuetext', words);
  pad.dataset.at = `${right} ${down}`;
  $('moved').querySelector('span').textContent = right || down ? words[0].toUpperCase() + words.slice(1) : 'Drag the picture, or use the arrow keys.';
  $('moved').querySelector('button').hidden = !right && !down;
};
const bar = (name, p, is_first) => {
  const row = document.createElement('div'), [label, track, share] = ['span', 'i', 'span'].map((tag) => document.createElement(tag));
  row.className = is_first ? 'wl-bar wl-bar-marked' : 'wl-bar';
  track.append(document.createElement('b')); track.firstChild.style.width = `${100 * p}%`;
  label.textContent = name; share.textContent = per_cent(p); row.append(label, track, share);
  return row;
};
const draw_answer = (n) => {
  const net = props.value.nets[n], box = element.querySelectorAll('.wl-cifar10-net')[n], said = $('said', box);
  box.classList.toggle('wl-cifar10-missing', !!net.missing);
  $('about', box).textContent = net.missing || net.about;
  if (net.missing) return '';
  const p = at_shift(n, right, down), first = most(net.p);
  box.classList.toggle('wl-cifar10-waiting', !p);
  if (!p) { said.firstChild.textContent = '…'; said.lastChild.textContent = ''; return ''; }
  const order = p.map((_, c) => c).sort((a, b) => p[b] - p[a]).slice(0, 3), here = order[0];
  said.firstChild.textContent = net.classes[here]; said.lastChild.textContent = `${per_cent(p[here])} sure`;
  box.classList.toggle('wl-cifar10-changed', here !== first);
  const truth = props.value.truth, is_right = net.classes[here] === truth;
  $('truth', box).textContent = here !== first ? `Not moved, it said ${net.classes[first]}.` : !truth ? '' : is_right ? 'Right.' : `Wrong: it is a ${truth}.`;
  box.querySelector('.wl-bars').replaceChildren(...order.map((c, i) => bar(net.classes[c], p[c], !i)));
  const ring = $('field', box).querySelector('i');
  ring.style.setProperty('--x', right + REACH); ring.style.setProperty('--y', down + REACH);
  return `${net.kind}: ${net.classes[here]}, ${per_cent(p[here])}`;
};
const cross = (pen, x, y) => {
  pen.strokeStyle = '#fff'; pen.lineWidth = 1.2; pen.beginPath();
  for (const [a, b] of [[3, CELL - 3], [CELL - 3, 3]]) { pen.moveTo(x + a, y + 3); pen.lineTo(x + b, y + CELL - 3); }
  pen.stroke();
};
const draw_square = (n) => {
  const net = props.value.nets[n], box = element.querySelectorAll('.wl-cifar10-net')[n], canvas = $('field', box).querySelector('canvas');
  const pen = canvas.getContext('2d'), caption = box.querySelector('figcaption');
  pen.clearRect(0, 0, canvas.width, canvas.height); box.dataset.shifts = tables[n] ? key : '';
  if (net.missing || !tables[n]) { caption.textContent = net.missing ? '' : 'Asking about 289 shifts …'; return; }
  const first = most(net.p);
  let same = 0, low = 1, high = 0;
  for (let y = -REACH; y <= REACH; y++) for (let x = -REACH; x <= REACH; x++) {
    const p = at_shift(n, x, y), left = (x + REACH) * CELL, top = (y + REACH) * CELL, level = 3 * Math.round(255 * p[first]);
    pen.fillStyle = `rgb(${colours[level]} ${colours[level + 1]} ${colours[level + 2]})`;
    pen.fillRect(left, top, CELL, CELL);
    if (most(p) === first) same++; else cross(pen, left, top);
    low = Math.min(low, p[first]); high = Math.max(high, p[first]);
  }
  const words = `Stays with “${net.classes[first]}” at ${same} of ${SIDES ** 2} places; its probability goes from ${per_cent(low)} to ${per_cent(high)}.`;
  caption.textContent = words; canvas.setAttribute('aria-label', `${net.kind}, all shifts. ${words}`);
};

const tell = (words) => { clearTimeout(told); told = setTimeout(() => { element.querySelector('[role=status]').textContent = words; }, 400); };
const show = () => {
  if (!pixels) return;
  draw_picture();
  const said = props.value.nets.map((_, n) => draw_answer(n)).filter(Boolean);
  const { strange } = props.value;
  tell([strange ? strange[0] : '', `${props.value.title}, ${words_of(right, down)}.`, said.join('; ')].filter(Boolean).join(' '));
};
const take_shifts = () => {
  const { shifts, value } = props;
  tables = value && shifts && shifts.key === value.key ? shifts.nets.map((text) => text && new Uint16Array(bytes(text).buffer)) : [null, null];
  if (value) { value.nets.forEach((_, n) => draw_square(n)); show(); }
};
const take_value = () => {
  const { value } = props;
  if (!value) return;
  if (value.key !== key) { right = down = 0; key = value.key; }
  pixels = bytes(value.pixels);
  const warning = element.querySelector('.wl-warning'), whole = $('whole');
  warning.hidden = !value.strange;
  if (value.strange) [warning.firstChild.textContent, warning.lastChild.textContent] = value.strange;
  $('right').classList.toggle('wl-doubted', !!value.strange);
  whole.querySelector('img').src = value.whole;
  whole.querySelector('figcaption').textContent = `${value.title}, whole. Its middle square in 32 × 32 pixels is all that a net sees.`;
  take_shifts();
  element.querySelector('.wl-cifar10-desk').dataset.key = key;
};
const set = (x, y) => {
  const [was_x, was_y] = [right, down];
  right = clamp(Math.round(x), -REACH, REACH); down = clamp(Math.round(y), -REACH, REACH);
  if (right !== was_x || down !== was_y) show();
};

element.addEventListener('pointerdown', (event) => {
  if (event.button || !pixels) return;
  const pad = event.target.closest('.wl-cifar10-pad'), field = event.target.closest('.wl-cifar10-field');
  if (!pad && !field) return;
  (pad || field).setPointerCapture(event.pointerId); event.preventDefault();
  drag = pad ? { pad: true, x: event.clientX, y: event.clientY, right, down, scale: pad.clientWidth / SIDE } : { field };
  if (pad) pad.focus({ preventScroll: true }); else follow(event);
});
const follow = (event) => {
  if (drag.pad) { set(drag.right + (event.clientX - drag.x) / drag.scale, drag.down + (event.clientY - drag.y) / drag.scale); return; }
  const box = drag.field.getBoundingClientRect();
  set(Math.floor(SIDES * (event.clientX - box.left) / box.width) - REACH, Math.floor(SIDES * (event.clientY - box.top) / box.height) - REACH);
};
element.addEventListener('pointermove', (event) => { if (drag) follow(event); });
const lift = () => { drag = null; };
element.addEventListener('pointerup', lift);
element.addEventListener('pointercancel', lift);
element.addEventListener('keydown', (event) => {
  if (!event.target.closest('.wl-cifar10-pad') || !pixels) return;
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (event.key === 'Home') set(0, 0); else if (way) set(right + way[0], down + way[1]); else return;
  event.preventDefault();
});
element.addEventListener('click', (event) => {
  if (event.target.closest('.wl-cifar10-moved button')) { set(0, 0); $('pad').focus({ preventScroll: true }); }
});
watch('value', take_value);
watch('shifts', take_shifts);
take_value();

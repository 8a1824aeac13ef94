// The plane: the mosaic of what the decoder makes, the test dots over it, and the point and pins that can be moved.
const $ = (name) => element.querySelector(`.wl-latent-${name}`);
const board = (desk.board = $('board')), CELLS = 20, NS = 'http://www.w3.org/2000/svg';
let round = 0, dragged = null, grip = [0, 0];  // what is dragged, and where it was taken hold of

// 20 × 20 garments, from the middle outwards, some in each frame; faint where little was learnt
const CENTRE_FIRST = [...Array(CELLS ** 2).keys()].sort((a, b) => far(a) - far(b));
function far(k) { return Math.hypot(k % CELLS - 9.5, Math.floor(k / CELLS) - 9.5); }
const tile = (pen, k) => {
  const [i, j] = [k % CELLS, Math.floor(k / CELLS)], z = place_of([(i + 0.5) / CELLS, (j + 0.5) / CELLS]);
  const x = decode(z), picture = pen.createImageData(SIDE, SIDE), { data } = picture;
  const faint = learnt_near(z) ? 0.5 : 0.16;
  for (let p = 0; p < PIXELS; p++) {
    data[4 * p] = data[4 * p + 1] = data[4 * p + 2] = 232; data[4 * p + 3] = 255 * faint * x[p];
  }
  pen.putImageData(picture, i * SIDE, j * SIDE);
};
const lay_mosaic = () => {
  const mine = ++round, pen = $('mosaic').getContext('2d');
  let next = 0;
  pen.clearRect(0, 0, CELLS * SIDE, CELLS * SIDE);
  const some = () => {
    if (mine !== round || !element.isConnected) return;
    const until = performance.now() + 10;
    while (next < CENTRE_FIRST.length && performance.now() < until) tile(pen, CENTRE_FIRST[next++]);
    if (next < CENTRE_FIRST.length) requestAnimationFrame(some); else board.dataset.laid = desk.net.key;
  };
  some();
};

const draw_dots = () => {
  const canvas = $('dots'), side = board.clientWidth, scale = window.devicePixelRatio || 1, pen = canvas.getContext('2d');
  if (!side || !desk.net) return;
  canvas.width = canvas.height = Math.round(side * scale); pen.scale(scale, scale);
  const { code, kind, names, colours } = desk.net, radius = side < 420 ? 1.7 : 2.3, members = names.map(() => []);
  for (let i = 0; i < kind.length; i++) {
    const [u, v] = share_of([code[2 * i], code[2 * i + 1]]);
    members[kind[i]].push([u, v]);
    pen.beginPath(); pen.arc(u * side, v * side, radius, 0, 7); pen.fillStyle = `${colours[kind[i]]}d0`; pen.fill();
  }
  name_kinds(pen, side, members, names, colours);
};
const draw_density = () => {
  const canvas = $('density'), { cells, density } = desk.net, pen = canvas.getContext('2d'), table = bytes(props.colours);
  canvas.width = canvas.height = cells;
  const picture = pen.createImageData(cells, cells), most = Math.max(...density);
  density.forEach((count, k) => {
    const at = 4 * ((cells - 1 - Math.floor(k / cells)) * cells + k % cells), level = count ? 40 + Math.round(215 * Math.log1p(count) / Math.log1p(most)) : 0;
    for (let c = 0; c < 3; c++) picture.data[at + c] = table[3 * level + c];
    picture.data[at + 3] = count ? 235 : 0;
  });
  pen.putImageData(picture, 0, 0);
};

// what lies over the plane: ellipses of one σ, the walk, and ε times σ
const line = (tag, kind, facts) => {
  const drawn = document.createElementNS(NS, tag);
  drawn.setAttribute('class', `wl-latent-${kind}`);
  for (const [name, value] of Object.entries(facts)) drawn.setAttribute(name, value);
  return drawn;
};
const ellipse = (kind, z, [sx, sy]) => {
  const [u, v] = share_of(z), wide = 100 / (2 * desk.net.window.half);
  return line('ellipse', kind, { cx: 100 * u, cy: 100 * v, rx: sx * wide, ry: sy * wide });
};
const between = (kind, a, b) => {
  const [[x1, y1], [x2, y2]] = [share_of(a), share_of(b)].map((at) => at.map((s) => 100 * s));
  return line('line', kind, { x1, y1, x2, y2 });
};
const put = (name, z, words) => {
  const handle = $(`handle[data-handle="${name}"]`), [u, v] = share_of(z).map(keep);
  handle.style.left = `${100 * u}%`; handle.style.top = `${100 * v}%`; handle.hidden = false;
  handle.setAttribute('aria-valuenow', Math.round(100 * u));
  handle.setAttribute('aria-valuetext', `${words_of(z)}: ${words}`);
};
const kind_at = (z) => (learnt_near(z) ? desk.net.names[desk.net.kind[nearest(z, 1)[0]]] : 'nothing learnt here');
const overlay = each_frame(() => {
  if (!desk.net) return;
  const over = $('over'), drawn = [];
  put('point', desk.at, kind_at(desk.at));
  const on_pin = ['A', 'B'].some((name) => desk.pins?.[name].code.every((c, i) => c === desk.at[i]));
  $('handle[data-handle="point"]').classList.toggle('wl-latent-behind', on_pin);  // there the pin's ellipse is to be seen
  if (desk.pins) {
    drawn.push(between('way', desk.pins.A.code, desk.pins.B.code));
    for (const name of ['A', 'B']) {
      if (desk.pins[name].spread) drawn.push(ellipse('sigma', desk.pins[name].code, desk.pins[name].spread));
      put(name, desk.pins[name].code, desk.pins[name].words);
    }
  }
  if (desk.noisy) {
    const { mean, sigma, z } = desk.noisy;
    drawn.push(ellipse('noise', mean, sigma), between('noise', mean, z));
  }
  over.replaceChildren(...drawn);
  for (const [name, z] of [['walker', desk.walk], ['noisy', desk.noisy?.z]]) {
    const dot = $(name);
    dot.hidden = !z;
    if (z) { const [u, v] = share_of(z).map(keep); dot.style.left = `${100 * u}%`; dot.style.top = `${100 * v}%`; }
  }
});

// moving: the pointer looks, a click or a key sets, a handle is dragged
const under = (event) => {
  const box = board.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};
const aimed = (event) => place_of(under(event).map((s, i) => keep(s - grip[i])));
const look = (z) => { desk.point = z; tell('point'); };
const set = (name, z) => {
  if (name === 'point') desk.at = z;
  else { desk.pins[name] = { ...desk.pins[name], code: z, spread: null, x: null, words: 'moved by hand' }; tell('pins'); }
  look(z); overlay();
};
board.addEventListener('pointerdown', (event) => {
  if (event.button || !desk.net) return;
  dragged = event.target.closest('[data-handle]')?.dataset.handle || 'point';
  board.setPointerCapture(event.pointerId); event.preventDefault();
  $(`handle[data-handle="${dragged}"]`).focus({ preventScroll: true });
  grip = [0, 0];
  if (dragged === 'point') set('point', aimed(event));
  else { const from = share_of(desk.pins[dragged].code); grip = under(event).map((s, i) => s - from[i]); }
});
board.addEventListener('pointermove', (event) => {
  if (!desk.net) return;
  if (dragged) set(dragged, aimed(event));
  else {
    const handle = event.target.closest('[data-handle]')?.dataset.handle;
    look(handle && handle !== 'point' ? desk.pins[handle].code : place_of(under(event).map(keep)));
  }
});
const lift = () => { dragged = null; };
board.addEventListener('pointerup', lift);
board.addEventListener('pointercancel', lift);
board.addEventListener('pointerleave', () => { if (desk.net && !dragged) look(desk.at); });
board.addEventListener('focusin', (event) => {
  const name = event.target.dataset?.handle;
  if (name && desk.net && !dragged) look(name === 'point' ? desk.at : desk.pins[name].code);
});
board.addEventListener('keydown', (event) => {
  const name = event.target.closest('[data-handle]')?.dataset.handle;
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!name || !way || !desk.net) return;
  event.preventDefault();
  const step = event.shiftKey ? 0.1 : 0.02, [u, v] = share_of(name === 'point' ? desk.at : desk.pins[name].code);
  set(name, place_of([keep(u + step * way[0]), keep(v + step * way[1])]));
});
element.addEventListener('click', (event) => {
  const chosen = event.target.closest('[data-over]');
  if (!chosen) return;
  element.querySelectorAll('[data-over]').forEach((button) => button.setAttribute('aria-pressed', button === chosen));
  board.dataset.shown = chosen.dataset.over;
});

// another net: its decoder is fetched once, and everything that hangs on it is drawn again
const load = async () => {
  const { value } = props;
  if (!value || value.key === desk.net?.key) return;
  desk.wanted = value.key;
  if (!desk.nets.has(value.key)) {
    const layers = await fetch_net(value.net.url);
    desk.nets.set(value.key, {
      ...value, layers, code: numbers(value.code), spread: numbers(value.spread), kind: bytes(value.kind), density: bytes(value.density),
      mean: numbers(value.pca_mean), axes: numbers(value.pca_axes),
    });
  }
  if (desk.wanted !== value.key) return;  // another was asked for meanwhile
  const first = !desk.net;
  desk.net = desk.nets.get(value.key); desk.noisy = null;
  const inside = share_of(desk.at).every((s) => s > 0 && s < 1);
  if (first || !inside) desk.at = [desk.net.code[0], desk.net.code[1]];
  desk.point = desk.at;
  draw(); tell('net');
};
const draw = () => {
  lay_mosaic(); draw_dots(); draw_density(); overlay();
  const wide = (2 * desk.net.window.half).toFixed(1), dots = desk.net.kind.length.toLocaleString('en');
  $('extent').textContent = `400 garments, ${dots} test pictures as dots; ${wide} wide (the prior’s σ is 1)`;
};
watch('value', load);
on('pins', overlay); on('walk', overlay); on('noise', overlay);
new ResizeObserver(() => { draw_dots(); }).observe(board);
if (desk.net) draw();  // the page has been here before
load();

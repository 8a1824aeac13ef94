// What the parts of this page share: the net with its plane, the point that is looked at, the pins, and who wants to know.
const desk = (window.wl_latent ??= {
  hub: new EventTarget(), nets: new Map(), net: null, point: [0, 0], at: [0, 0], pins: null, walk: null, noisy: null,
});
const on = (what, act) => desk.hub.addEventListener(what, () => { if (element.isConnected) act(); });
const tell = (what) => desk.hub.dispatchEvent(new Event(what));
const SIDE = 28, PIXELS = SIDE * SIDE;
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const numbers = (text) => halves(bytes(text).buffer);

// each frame once, however often it is asked for
const each_frame = (act) => {
  let asked = false;
  return () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; act(); }); } };
};

// the plane: x to the right and y upwards, as shares of the square that is shown
const share_of = ([x, y], { x: cx, y: cy, half } = desk.net.window) => [(x - cx + half) / (2 * half), (cy + half - y) / (2 * half)];
const place_of = ([u, v], { x: cx, y: cy, half } = desk.net.window) => [cx - half + 2 * half * u, cy + half - 2 * half * v];
const keep = (share) => Math.min(1, Math.max(0, share));
const words_of = ([x, y]) => `${x.toFixed(2)}, ${y.toFixed(2)}`.replaceAll('-', '−');

desk.forward ??= forward;  // one for all parts, so that it is compiled once
const decode = (z) => desk.forward(desk.net.layers, z);  // 784 pixels, which the next call overwrites
const learnt_near = (z) => {
  const [u, v] = share_of(z), n = desk.net.cells;
  if (u < 0 || u >= 1 || v <= 0 || v > 1) return 0;
  return desk.net.density[Math.floor((1 - v) * n) * n + Math.floor(u * n)];
};
const nearest = (z, k) => {  // the k test pictures whose codes lie nearest
  const { code } = desk.net, found = [];
  for (let i = 0; i < code.length / 2; i++) {
    const d = (code[2 * i] - z[0]) ** 2 + (code[2 * i + 1] - z[1]) ** 2;
    if (found.length === k && d >= found[k - 1][0]) continue;
    let at = found.length === k ? k - 1 : found.length;
    while (at > 0 && found[at - 1][0] > d) at--;
    if (found.length === k) found.pop();
    found.splice(at, 0, [d, i]);
  }
  return found.map(([, i]) => i);
};
const spread_at = (z) => {  // a pin's own σ where one stands here, else that of the nearest test picture
  for (const name of ['A', 'B']) {
    const pin = desk.pins?.[name];
    if (pin?.spread && pin.code[0] === z[0] && pin.code[1] === z[1]) return { spread: pin.spread, whose: `pin ${name}` };
  }
  const [i] = nearest(z, 1);
  return { spread: [desk.net.spread[2 * i], desk.net.spread[2 * i + 1]], whose: 'the nearest test picture' };
};

// pictures of 28 × 28 on a canvas: light on dark, or by a table of 256 colours
const paint = (canvas, x, table = null, full = 1) => {
  const pen = canvas.getContext('2d'), picture = pen.createImageData(SIDE, SIDE), { data } = picture;
  for (let i = 0; i < PIXELS; i++) {
    const level = Math.max(0, Math.min(255, Math.round(255 * x[i] / full)));
    for (let c = 0; c < 3; c++) data[4 * i + c] = table ? table[3 * level + c] : Math.max(level, [16, 20, 22][c]);
    data[4 * i + 3] = 255;
  }
  pen.putImageData(picture, 0, 0);
};

// classes by name at the medians of their dots, so that colour is never the only signal; none over another
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const dark_on = (colour) => [1, 3, 5].reduce((sum, at, c) => sum + [0.299, 0.587, 0.114][c] * parseInt(colour.slice(at, at + 2), 16), 0) > 130;
const name_kinds = (pen, side, members, names, colours) => {
  pen.font = `600 ${side < 420 ? 10 : 12.5}px system-ui, sans-serif`; pen.textBaseline = 'middle';
  const taken = [];
  names.forEach((name, c) => {
    if (!members[c].length) return;
    const wide = pen.measureText(name).width + 10, high = side < 420 ? 15 : 19;
    const x = Math.min(side - wide / 2 - 3, Math.max(wide / 2 + 3, side * median(members[c].map(([u]) => u))));
    let y = side * median(members[c].map(([, v]) => v));
    while (taken.some((t) => Math.abs(t.x - x) < (t.wide + wide) / 2 + 2 && Math.abs(t.y - y) < high + 2)) y += 4;
    y = Math.min(side - high / 2 - 3, y); taken.push({ x, y, wide });
    pen.fillStyle = colours[c]; pen.beginPath(); pen.roundRect(x - wide / 2, y - high / 2, wide, high, 4); pen.fill();
    pen.fillStyle = dark_on(colours[c]) ? '#101416' : '#fff'; pen.textAlign = 'center'; pen.fillText(name, x, y + 0.5);
  });
};

// the plane in small, beside what moves on it: on a phone the plane itself is out of view there
const inset = (canvas, from, to, at, colour) => {
  if (!canvas.clientWidth || !desk.board) return;
  const pen = canvas.getContext('2d'), side = canvas.width, [a, b, dot] = [from, to, at].map((z) => share_of(z).map((s) => side * s));
  pen.fillStyle = '#101416'; pen.fillRect(0, 0, side, side);
  for (const layer of ['mosaic', 'dots']) pen.drawImage(desk.board.querySelector(`.wl-latent-${layer}`), 0, 0, side, side);
  pen.strokeStyle = '#fff'; pen.lineWidth = 3; pen.beginPath(); pen.moveTo(...a); pen.lineTo(...b); pen.stroke();
  pen.fillStyle = colour; pen.beginPath(); pen.arc(...dot, 8, 0, 7); pen.fill(); pen.stroke();
};

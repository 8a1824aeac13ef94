// Pictures of one's own: kinds with their names, each filled by files, by drop or by camera; all shrunk here before they travel.
const find = (name) => element.querySelector(`.wl-transfer-${name}`);
const MOST_BYTES = 20000;  // characters of an address: ninety of them fit into one question
const SMALLEST = 32;
let kinds = [], tried = null, unread = [], reading = 0, filming = null, stream = null, sent = 0;
const made = (tag, kind = '', facts = {}) => Object.assign(document.createElement(tag), kind ? { className: `wl-transfer-${kind}` } : {}, facts);
const count = () => kinds.reduce((sum, { pictures }) => sum + pictures.length, 0);

// whether a file was cut short: a JPEG says where it ends, after its last scan began; a PNG ends with IEND
const cut_short = (bytes) => {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return !String.fromCharCode(...bytes.subarray(-64)).includes('IEND');
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  let at = 2;
  while (at + 3 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) at += 2 + 256 * bytes[at + 2] + bytes[at + 3];
  for (; at + 1 < bytes.length; at++) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return false;
  return true;
};
const square = (source, width, height) => {
  const length = Math.min(width, height), canvas = made('canvas', '', { width: props.side, height: props.side }), pen = canvas.getContext('2d');
  if (length < SMALLEST) throw new Error(`it has ${width} × ${height} pixels, too few to see anything in`);
  pen.fillStyle = '#fff'; pen.fillRect(0, 0, props.side, props.side);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(source, (width - length) / 2, (height - length) / 2, length, length, 0, 0, props.side, props.side);
  let address = '', quality = 0.92;
  do { address = canvas.toDataURL('image/jpeg', quality); quality -= 0.12; } while (address.length > MOST_BYTES && quality > 0.3);
  return address;
};
const shrunk = async (file) => {
  if (cut_short(new Uint8Array(await file.arrayBuffer()))) throw new Error('it is broken or cut short');
  const picture = new Image(), address = URL.createObjectURL(file);
  try {
    await new Promise((done, fail) => { picture.onload = done; picture.onerror = () => fail(new Error('it is no picture that this browser can read')); picture.src = address; });
    return square(picture, picture.naturalWidth, picture.naturalHeight);
  } finally { URL.revokeObjectURL(address); }
};

// what is told: to the server all that is there, on the page what could not be read
const send = () => {
  const pictures = kinds.flatMap(({ pictures }, kind) => pictures.map(({ name, src }) => ({ kind, name, src })));
  element.dataset.busy = String(++sent);
  props.value = { from: 'page', kinds: kinds.map(({ name }) => name), pictures, tried };
  trigger('input');
};
const tell = () => {
  const all = unread.map(({ name, why }) => `${name}: ${why}.`).join(' ');
  const others = count() === 1 ? 'The other one counts.' : `The other ${count()} count.`;
  find('unread').textContent = all ? `Not read: ${all} ${count() ? others : ''}` : '';
};

// the page: a kind's box stays the same as long as the kind is there, since a file dialog may be open over it
const show = () => {
  kinds.forEach((kind, k) => { kind.box ??= box_of(kind); refresh(kind, k); });
  const boxes = find('kinds'), there = [...boxes.children];  // moving a box would take the keys out of it
  if (there.length !== kinds.length || kinds.some(({ box }, k) => box !== there[k])) boxes.replaceChildren(...kinds.map(({ box }) => box));
  element.querySelector('[data-do=more]').disabled = kinds.length >= props.most_kinds;
  find('try').hidden = kinds.filter(({ pictures }) => pictures.length).length < 2;
  const picture = element.querySelector('.wl-transfer-try img');
  picture.hidden = !tried; if (tried) picture.src = tried.src;
  tell();
};
const box_of = (kind) => {
  const box = made('section', 'kind'), head = made('div', 'kind-head'), tools = made('div', 'tools'), label = made('label', 'file');
  head.append(made('input', '', { type: 'text', value: kind.name, maxLength: props.longest_name }), doing('remove', 'Remove'));
  label.append(made('span', '', { textContent: 'Add pictures' }), made('input', '', { type: 'file', accept: 'image/*', multiple: true }));
  tools.append(label, doing('camera', 'Camera'));
  box.append(head, tools, made('div', 'thumbs'));
  return box;
};
const doing = (what, words) => { const button = made('button', '', { type: 'button', textContent: words }); button.dataset.do = what; return button; };
const label = ({ box, name }, k) => {
  const part = (of) => box.querySelector(of), labels = {
    'input[type=text]': `Name of kind ${k + 1}`, 'input[type=file]': `Add pictures of ${name}`, '[data-do=camera]': `Camera for ${name}`, '[data-do=remove]': `Remove ${name}`,
  };
  for (const [of, label] of Object.entries(labels)) { part(of).setAttribute('aria-label', label); part(of).dataset.kind = k; }
  box.setAttribute('aria-label', `Kind ${k + 1}: ${name}`); box.dataset.kind = k;
  part('[data-do=remove]').hidden = kinds.length < 3;
};
const refresh = (kind, k) => {
  const { box, pictures } = kind, thumbs = box.querySelector('.wl-transfer-thumbs');
  label(kind, k);
  thumbs.replaceChildren(...pictures.map((picture, i) => {
    const button = doing('drop', ''); button.title = `Take ${picture.name} out`; button.dataset.kind = k; button.dataset.at = i;
    button.append(made('img', '', { src: picture.src, alt: `${picture.name}: take it out` }));
    return button;
  }));
  if (!pictures.length) thumbs.append(made('p', '', { textContent: 'Choose some, or drop them here.' }));
};

const add = async (kind, files) => {
  if (!reading++) unread = [];
  if (files.length > 3) find('unread').textContent = `Reading ${files.length} pictures …`;
  for (const file of files) {
    try {
      if (count() >= props.most_pictures) throw new Error(`more than ${props.most_pictures} pictures do not fit`);
      kind.pictures.push({ name: file.name, src: await shrunk(file) });
    } catch (error) { unread.push({ name: file.name, why: error.message }); }
  }
  reading--; show();
  if (!reading) send();
};
const attempt = async (file) => {
  if (!reading) unread = [];
  try { tried = { name: file.name, src: await shrunk(file) }; } catch (error) { unread.push({ name: file.name, why: error.message }); }
  show(); if (!unread.length) send();
};

// the camera: for a kind, or (-1) for what is tried
const close = () => {
  stream?.getTracks().forEach((track) => track.stop());
  stream = filming = null; find('camera').hidden = true;
};
const open = async (k) => {
  close();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch { unread = [{ name: 'Camera', why: 'it is not there, or was not allowed; files work without it' }]; tell(); return; }
  filming = k;
  const box = find('camera'); box.hidden = false; box.querySelector('video').srcObject = stream;
  box.querySelector('p').textContent = k < 0 ? 'For a try' : `For ${kinds[k].name}`;
  box.querySelector('[data-do=snap]').focus();
};
const snap = () => {
  const video = element.querySelector('video');
  if (!video.videoWidth) return;
  if (filming < 0) tried = { name: 'camera', src: square(video, video.videoWidth, video.videoHeight) };
  else if (count() < props.most_pictures) kinds[filming].pictures.push({ name: `camera ${kinds[filming].pictures.length + 1}`, src: square(video, video.videoWidth, video.videoHeight) });
  show(); send();
};

const another = () => ({ name: `Kind ${kinds.length + 1}`, pictures: [] });
const start = () => { kinds = []; kinds.push(another()); kinds.push(another()); tried = null; unread = []; };
const DO = {
  more: () => { kinds.push(another()); show(); kinds.at(-1).box.querySelector('input').select(); },
  empty: () => { close(); start(); show(); send(); },
  remove: ({ kind }) => { close(); kinds.splice(Number(kind), 1); show(); send(); },
  drop: ({ kind, at }) => {
    kinds[kind].pictures.splice(Number(at), 1); show(); send();
    (kinds[kind].box.querySelector('[data-do=drop]') ?? kinds[kind].box.querySelector('input')).focus();
  },
  camera: ({ kind }) => open(Number(kind)), snap, close,
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (button) DO[button.dataset.do](button.dataset);
});
const named = (box, { value }) => { kinds[box.dataset.kind].name = value.trim() || `Kind ${Number(box.dataset.kind) + 1}`; };
element.addEventListener('input', ({ target }) => {  // at each key, not only when the field is left: pictures may come before that
  const box = target.closest('.wl-transfer-kind');
  if (box && target.type === 'text') named(box, target);
});
element.addEventListener('change', (event) => {
  const { target } = event, box = target.closest('.wl-transfer-kind');
  event.stopPropagation();
  if (target.type === 'file') {
    const files = [...target.files];
    if (!files.length) return;
    if (box) add(kinds[box.dataset.kind], files); else attempt(files[0]);
    target.value = '';
  } else if (box) {
    named(box, target); label(kinds[box.dataset.kind], Number(box.dataset.kind));  // the pictures stay: one may just be clicked on
    if (count()) send();
  }
});
for (const what of ['dragover', 'drop']) {
  element.addEventListener(what, (event) => {
    const box = event.target.closest('.wl-transfer-kind');
    if (!box || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault(); event.stopPropagation();
    if (what === 'drop') add(kinds[box.dataset.kind], [...event.dataTransfer.files]);
  });
}
watch('value', () => {  // an example, handed over by the server
  const { value } = props;
  if (!value || value.from === 'page') return;
  kinds = value.kinds.map((name, k) => ({ name, pictures: value.pictures.filter(({ kind }) => kind === k).map(({ name: of, src }) => ({ name: of, src })) }));
  tried = value.tried ?? null; unread = [];
  show(); send();
});
start(); show();

// The scramble slider: one fixed permutation within each block, and the answers of the pair that learnt from such pictures.
const $ = (name) => element.querySelector(`.wl-cifar10-${name}`), SIDE = 32;
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const orders = props.orders.map((text) => new Uint16Array(bytes(text).buffer));
let at = 0;
const show = () => {
  const slider = element.querySelector('input'), block = props.blocks[at];
  const words = block === 1 ? 'not scrambled' : block === SIDE ? 'the whole picture scrambled' : `scrambled within blocks of ${block} × ${block} pixels`;
  slider.value = at; slider.setAttribute('aria-valuetext', words);
  element.closest('.wl-cifar10-scramble')?.style.setProperty('--wl-cifar10-at', at / (orders.length - 1));
  if (!props.value) return;
  const canvas = element.querySelector('canvas'), pen = canvas.getContext('2d'), picture = pen.createImageData(SIDE, SIDE);
  const pixels = bytes(props.value.pixels);
  orders[at].forEach((from, to) => {
    for (let c = 0; c < 3; c++) picture.data[4 * to + c] = pixels[c * SIDE * SIDE + from];
    picture.data[4 * to + 3] = 255;
  });
  pen.putImageData(picture, 0, 0);
  canvas.setAttribute('aria-label', `The picture, ${words}`); canvas.dataset.block = block;
  element.querySelectorAll('.wl-cifar10-small p').forEach((line, n) => {
    const said = props.value.said[n][at];
    line.querySelector('b').textContent = said ? `${said[0]}, ${Math.round(100 * said[1])} %` : 'not trained yet';
  });
};
element.addEventListener('input', (event) => {
  if (!event.target.closest('.wl-cifar10-range')) return;
  at = Number(event.target.value); show(); event.stopPropagation();
});
watch('value', show);
show();

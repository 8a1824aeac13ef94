// The menu of a word: take it out, put “not” before it, or swap it for one that is used like it.
const menu = find('menu');
let open_at = null;
const SURE = 6;  // log-odds that fill half a bar: from one half to 0.998
const item = (words, change, tilt, more, act) => {
  const button = made('button', 'offer');
  button.type = 'button';
  button.append(made('span', '', words), ' ');
  if (more) button.append(made('small', '', more), ' ');
  if (change !== null) {
    const bar = made('i', tilt < 0 ? 'falls' : 'rises');
    bar.style.setProperty('--wl-sentiment-share', Math.min(1, Math.abs(tilt) / SURE).toFixed(3));
    button.append(bar, made('b', '', Math.abs(change) < 0.005 ? '0' : signed(change)));
  }
  button.addEventListener('click', act);
  return button;
};
const close_menu = (back = false) => {
  if (open_at === null) return;
  const word = word_at(open_at);
  word?.setAttribute('aria-expanded', 'false');
  open_at = null; menu.hidden = true; menu.replaceChildren();
  if (back) word?.focus();
};
const fill_menu = () => {
  const { words } = desk.reading, word = words[open_at][1], offer = desk.offer?.at === open_at ? desk.offer : null;
  const had_focus = menu.contains(document.activeElement);
  menu.replaceChildren(made('p', '', `“${word}”`), ...(offer ? [made('small', '', `${offer.net}: figures tell how its probability of praise changes, bars its log-odds.`)] : []));
  const then = (text) => () => { close_menu(true); change_to(text); };
  if (!offer) menu.append(made('small', '', 'asking …'));
  for (const [other, cosine, change, tilt] of offer?.choices ?? []) {
    menu.append(other ? item(like(other, word), change, tilt, `cosine ${cosine.toFixed(2)}`, then(swapped(desk.reading, open_at, other)))
      : item('Take it out', change, tilt, '', then(without(desk.reading, open_at))));
  }
  if (offer) menu.append(item('Put “not” before it', null, 0, '', then(with_not(desk.reading, open_at))));
  if (offer?.choices.length === 1) menu.append(made('small', '', words[open_at][2] ? '' : 'A word that the nets do not know has no neighbours.'));
  if (had_focus || document.activeElement === word_at(open_at)) menu.querySelector('button')?.focus();
};
const place_menu = () => {
  const staff = find('staff').getBoundingClientRect(), box = word_at(open_at).getBoundingClientRect();
  menu.style.left = `${keep(box.left - staff.left, 0, Math.max(0, staff.width - menu.offsetWidth))}px`;
  menu.style.top = `${box.bottom - staff.top + 4}px`;
  menu.scrollIntoView({ block: 'nearest' });
};
const open_menu = (at) => {
  if (open_at === at) return close_menu(true);
  close_menu();
  if (!desk.reading.editable) { say('This text is too long to be changed word by word. Paste a part of it.'); return; }
  open_at = at; desk.offer = null; menu.hidden = false;
  word_at(at).setAttribute('aria-expanded', 'true');
  fill_menu(); place_menu();
  props.value = { key: desk.reading.key, at };
  trigger('input');
};
menu.addEventListener('keydown', (event) => {
  const items = [...menu.querySelectorAll('button')], here = items.indexOf(document.activeElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === 'Escape') close_menu(true);
  else if (to !== undefined) { items.at(to % items.length)?.focus(); event.preventDefault(); }
  event.stopPropagation();
});
document.addEventListener('pointerdown', (event) => { if (!menu.contains(event.target) && !event.target.closest('[data-word]')) close_menu(); });
on('offer', () => { if (open_at !== null && desk.offer.at === open_at) { fill_menu(); place_menu(); } });

// A text with one word changed. Words stand as [what stands before, the word, whether it is known].
const joined = (words, after) => words.map(([before, word]) => before + word).join('') + after;
const tidy = (text) => text.replace(/\s+([,.;:!?…])/g, '$1').replace(/[ \t]{2,}/g, ' ').trim();
const like = (word, old) => (/^\p{Lu}/u.test(old) ? word[0].toUpperCase() + word.slice(1) : word);
const LETTER = /[\p{L}\p{N}]/u;

const without = ({ words, after }, at) => {
  const left = words.map((word) => [...word]);
  const [[before]] = left.splice(at, 1);
  if (left[at]) left[at][0] = before + left[at][0];
  return tidy(joined(left, left[at] ? after : before + after));
};
const swapped = ({ words, after }, at, word) => {
  const left = words.map((each) => [...each]), old = left[at][1];
  left[at][1] = like(word, old);
  if (at && !left[at][0] && LETTER.test(left[at - 1][1].at(-1)) && LETTER.test(word[0]) && !/^n't$/.test(word)) left[at][0] = ' ';
  return tidy(joined(left, after));
};
const with_not = ({ words, after }, gap) => {
  const left = words.map((word) => [...word]);
  if (gap >= left.length) return tidy(`${joined(left, after)} not`);
  left[gap][1] = `${gap ? 'not' : 'Not'} ${left[gap][1]}`;
  return tidy(joined(left, after));
};
const PATIENCE_MS = 3000;
const change_to = (text) => {  // what stands there is not changed again before it was read: the first change would be lost
  if (performance.now() < desk.waits) return;
  desk.waits = performance.now() + PATIENCE_MS;
  desk.write(text);
};

// Ranks kinds of difficulty by what somebody typed, in the browser alone: accents are optional, no word empties the list.
"use strict";

const KindSearch = (() => {
  const MOST = 5;
  const clean = (text) => text.toLowerCase().normalize("NFC");
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  const split = (text) => text.split(/[^0-9\p{L}]+/u).filter(Boolean);
  // Words that stand in every complaint tell nothing, unless nothing else was typed.
  const IDLE = ["không", "bị", "có", "chưa", "ở", "của", "được", "cho", "là", "và"];
  const IDLE_PLAIN = IDLE.map(plain);

  // One entry for each kind, from its names and what people call it, each phrase apart: "mất sóng;lõm sóng".
  function entry(key, phrases) {
    const said = clean(phrases).split(";").map((phrase) => split(phrase)).filter((words) => words.length);
    const words = new Set(said.flat());
    return {
      key,
      words,
      plain: new Set([...words].map(plain)),
      phrases: said.map((each) => ` ${each.join(" ")} `),
      plainPhrases: said.map((each) => ` ${plain(each.join(" "))} `),
    };
  }
  const begins = (one, word) => [...one.plain].some((known) => known.startsWith(word));

  const severalWords = (phrase) => phrase.trim().includes(" ");

  function weight(one, word, accented) {
    const bare = plain(word);
    if (accented ? one.words.has(word) : one.plain.has(bare)) return 2;
    if (one.plain.has(bare)) return 0.5;
    return begins(one, bare) ? 0.3 : 0;
  }

  // Returns the keys of the best kinds, the best first; none where no word begins any word of any kind.
  function rank(entries, asked) {
    const typed = split(clean(asked));
    const accented = typed.some((word) => plain(word) !== word);
    const telling = typed.filter((word) => !(accented ? IDLE.includes(word) : IDLE_PLAIN.includes(word)));
    const words = telling.length ? telling : typed;
    const rare = new Map(words.map((word) => {
      const among = entries.filter((one) => begins(one, plain(word))).length;
      return [word, Math.log(1 + entries.length / Math.max(among, 1))];
    }));
    const phrase = ` ${typed.join(" ")} `;
    const score = (one) => {
      let sum = 0;
      for (const word of words) sum += rare.get(word) * weight(one, word, accented);
      if (!sum) return 0;
      if (one.phrases.includes(phrase)) return sum + 6;
      if (one.phrases.some((said) => said.includes(phrase))) return sum + 5;
      // Whoever types more than a known phrase means it still: "mất điện liên tục".
      if (one.phrases.some((said) => severalWords(said) && phrase.includes(said))) return sum + 4;
      const bare = plain(phrase);
      return one.plainPhrases.some((said) => said.includes(bare) || (severalWords(said) && bare.includes(said))) ? sum + 2 : sum;
    };
    const found = entries.map((one) => [one.key, score(one)]).filter(([, points]) => points > 0).sort((a, b) => b[1] - a[1]);
    return found
      .filter(([, points]) => points * 4 >= found[0][1])
      .slice(0, MOST)
      .map(([key]) => key);
  }
  return { entry, rank };
})();

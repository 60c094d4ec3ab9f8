// The expression that says a text in the page's language, for the patches of `literals/`.

const SPEAKS_ENGLISH = 'document.documentElement.dataset.language === "en"';

export const either = (zh, en) => `(${SPEAKS_ENGLISH} ? ${JSON.stringify(en)} : ${JSON.stringify(zh)})`;

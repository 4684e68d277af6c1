// The texts of the page Start from a sample.
export const words = {
  en: {
    "sample.title": "An answer of your CRM", "sample.body": "The sample", "sample.paste": "Paste an answer for a customer who has bonuses, JSON or XML.", "sample.file": "Open file…",
    "sample.private": "It stays in the adapter's process; nothing is sent anywhere.", "sample.empty": "Paste an answer of your CRM on the left. The adapter proposes a config after it, says what speaks for each part, and asks what it cannot know.", "sample.try": "Try an example",
    "sample.proposal": "The proposal", "sample.found": "Records: {count} ({format}), at {path}", "sample.open": "open questions: {count}", "sample.go": "Open in the playground", "sample.name": "sample",
    "sample.reads": "What {name} reads", "sample.none": "— no such field —", "sample.agree": "right", "sample.sure": "sure", "sample.guessed": "guessed", "sample.asked": "asked", "sample.decided": "decided",
    "sample.codes": "What the codes mean", "sample.codesWhy": "A wrong guess would show customers points that they do not have: what is not sure is asked.", "sample.means": "What {code} means", "sample.ask": "— which? —",
    "group.added": "adds points", "group.refunded": "gives spent points back", "group.spent": "spends points", "group.burned": "points expire", "group.canceled": "takes added points back", "group.skip": "is no entry",
    "field.amount": "points", "field.earned": "points added", "field.lost": "points taken", "field.created": "when it happened", "field.active": "active from", "field.expires": "expires", "field.type": "sort of transaction", "field.status": "status", "field.debit": "direction", "field.text": "text for the customer", "field.id": "id of the record", "field.unit": "unit",
  },
  ru: {
    "sample.title": "Ответ вашей CRM", "sample.body": "Пример", "sample.paste": "Вставьте ответ о покупателе, у которого есть бонусы: JSON или XML.", "sample.file": "Открыть файл…",
    "sample.private": "Он остаётся в процессе адаптера и никуда не отправляется.", "sample.empty": "Вставьте слева ответ вашей CRM. Адаптер предложит конфиг, скажет, что говорит за каждую его часть, и спросит о том, чего знать не может.", "sample.try": "Показать на примере",
    "sample.proposal": "Предложение", "sample.found": "Записей: {count} ({format}), путь {path}", "sample.open": "открытых вопросов: {count}", "sample.go": "Открыть в песочнице", "sample.name": "пример",
    "sample.reads": "Что читает поле «{name}»", "sample.none": "— нет такого поля —", "sample.agree": "верно", "sample.sure": "точно", "sample.guessed": "догадка", "sample.asked": "вопрос", "sample.decided": "решено",
    "sample.codes": "Что значат коды", "sample.codesWhy": "Неверная догадка показала бы покупателю бонусы, которых нет, поэтому о неясном спрашивают.", "sample.means": "Что значит {code}", "sample.ask": "— что это? —",
    "group.added": "начисляет", "group.refunded": "возвращает списанное", "group.spent": "списывает", "group.burned": "сгорание", "group.canceled": "отменяет начисление", "group.skip": "не запись",
    "field.amount": "бонусы", "field.earned": "начислено", "field.lost": "списано", "field.created": "когда", "field.active": "действует с", "field.expires": "сгорает", "field.type": "вид операции", "field.status": "статус", "field.debit": "направление", "field.text": "текст для покупателя", "field.id": "id записи", "field.unit": "единица",
  },
};

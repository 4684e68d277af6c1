// What each reason means, and what to do about it. The English is the table of docs/operations.md; a test compares them.
export const reasons = {
  en: {
    "no_transactions": ["the CRM has an empty history", "nothing"],
    "user_not_found": ["the CRM does not know the customer", "nothing, unless it is so for everybody"],
    "all_filtered": ["there are transactions, and the mapping leaves out all", "explain shows which rule leaves out each"],
    "path_missing": ["the answer has no list of records, or not what a step keeps", "the CRM has changed its answers, or answers an error that fail does not describe; explain shows what is there"],
    "decode_failed": ["no JSON or XML, broken, empty, another charset, a value of another type", "the log's crm_head shows how it begins; often a login page or a proxy's error with status 200"],
    "mapping_failed": ["too many records cannot be read (mapping.max_unreadable)", "the log's problems name field and reason"],
    "crm_unreachable": ["refused, DNS, TLS, reset, cut off", "network, certificate, firewall; the error says which"],
    "crm_timeout": ["a deadline passed", "find out which step is slow; then a larger crm.timeout or adapter.budget, or fewer requests for one history"],
    "crm_status": ["a status that the config does not explain; 404 too", "if it is the CRM's way to say something, say so: not_found, verdicts"],
    "crm_error_body": ["an error that the config declares (fail)", "the CRM's log; its own words are never in ours"],
    "crm_auth": ["401 or 403 after a fresh token, or the login fails", "credentials: revoked, expired, or not allowed to read this"],
    "crm_rate_limited": ["429, or the time after one", "lower crm.rate, turn on adapter.cache, or ask the vendor for more"],
    "crm_busy": ["no place among crm.limits.concurrent, or no turn of crm.rate in time", "the CRM is slower than the load: cache, larger limits, fewer requests"],
    "host_refused": ["a redirect or next page at another host, or a private address", "correct base_url; a host is never followed"],
    "breaker_open": ["the CRM failed so often that it is left alone for crm.breaker.open", "the reason before it is the cause"],
    "too_large": ["over crm.limits of body, depth, records, elements", "raise the limit if such customers are real"],
    "too_many_pages": ["over crm.limits.pages, or the CRM gives a page again", "raise the limit, or correct pages: the CRM may not heed the parameter"],
    "bad_request": ["Imshop's request is unreadable, or the id cannot stand in a request", "the id: which one does the app send?"],
    "unauthorized": ["the key is missing or wrong", "the key that Imshop sends has to be one of adapter.keys"],
    "not_found": ["another path, or not POST", "the URL that Imshop has"],
    "method_not_allowed": ["another path, or not POST", "the URL that Imshop has"],
    "overloaded": ["adapter.limits reached: 503", "more replicas or larger adapter.limits, if the CRM can bear them"],
    "internal": ["a bug of ours", "the log has the stack; please report it"],
    "canceled": ["the caller left (log and metrics only)", "a caller's timeout that is shorter than adapter.budget"],
  },
  ru: {
    "no_transactions": ["история в CRM пуста", "ничего"],
    "user_not_found": ["CRM не знает этого покупателя", "ничего, если так не со всеми"],
    "all_filtered": ["операции есть, но mapping отбросил все", "explain покажет, какое правило отбросило каждую"],
    "path_missing": ["в ответе нет списка записей или того, что шаг должен сохранить", "ответы CRM изменились, или это ошибка, которую fail не описывает; explain покажет, что пришло"],
    "decode_failed": ["не JSON и не XML: повреждён, пуст, в другой кодировке или значение другого типа", "crm_head в журнале показывает начало ответа; часто это страница входа или ошибка прокси со статусом 200"],
    "mapping_failed": ["слишком много записей нельзя прочитать (mapping.max_unreadable)", "problems в журнале называет поле и причину"],
    "crm_unreachable": ["отказ в соединении, DNS, TLS, обрыв", "сеть, сертификат, файрвол: ошибка говорит, что именно"],
    "crm_timeout": ["истёк срок ожидания", "найти медленный шаг; затем увеличить crm.timeout или adapter.budget либо делать меньше запросов на одну историю"],
    "crm_status": ["статус, который конфиг не объясняет; 404 тоже", "если CRM так что-то сообщает, скажите об этом: not_found, verdicts"],
    "crm_error_body": ["ошибка, объявленная в конфиге (fail)", "журнал CRM: её собственных слов в нашем журнале нет"],
    "crm_auth": ["401 или 403 даже со свежим токеном, или не удался вход", "доступ: отозван, истёк или не даёт права на чтение"],
    "crm_rate_limited": ["429 или время после него", "снизить crm.rate, включить adapter.cache или попросить у поставщика больше"],
    "crm_busy": ["нет места среди crm.limits.concurrent, или очередь crm.rate не подошла вовремя", "CRM медленнее нагрузки: кэш, большие лимиты, меньше запросов"],
    "host_refused": ["перенаправление или следующая страница на другом хосте, или частный адрес", "исправить base_url: на другой хост адаптер не ходит"],
    "breaker_open": ["CRM ошибалась так часто, что её не трогают в течение crm.breaker.open", "причина та, что была перед этим"],
    "too_large": ["больше, чем разрешает crm.limits: тело, вложенность, записи, элементы", "поднять лимит, если такие покупатели бывают"],
    "too_many_pages": ["больше crm.limits.pages, или CRM снова отдаёт ту же страницу", "поднять лимит или исправить pages: возможно, CRM не учитывает параметр"],
    "bad_request": ["запрос Imshop не читается, или такой id нельзя подставить в запрос", "id: какой именно присылает приложение?"],
    "unauthorized": ["ключа нет, или он неверен", "ключ, который шлёт Imshop, должен быть одним из adapter.keys"],
    "not_found": ["другой путь или не POST", "адрес, указанный в Imshop"],
    "method_not_allowed": ["другой путь или не POST", "адрес, указанный в Imshop"],
    "overloaded": ["достигнут adapter.limits: 503", "больше реплик или выше adapter.limits, если CRM выдержит"],
    "internal": ["наша ошибка", "в журнале есть стек; пожалуйста, сообщите о ней"],
    "canceled": ["вызывающий ушёл, не дождавшись (только в журнале и метриках)", "его срок ожидания короче adapter.budget"],
  },
};

// The texts under the keys that ctx.t takes: cause.NAME and todo.NAME.
export const words = Object.fromEntries(Object.entries(reasons).map(([language, all]) => [
  language, Object.fromEntries(Object.entries(all).flatMap(([name, [what, todo]]) => [["cause." + name, what], ["todo." + name, todo]])),
]));

const empty = ["no_transactions", "user_not_found", "all_filtered"];
const unserved = ["bad_request", "unauthorized", "not_found", "method_not_allowed", "overloaded", "canceled"];

// The kinds of answers, from the best to the worst.
export const groups = ["entries", "empty", "unserved", "failed"];

// groupOf gives the kind of an answer by its reason.
export function groupOf(reason) {
  if (reason === "") return "entries";
  if (empty.includes(reason)) return "empty";
  return unserved.includes(reason) ? "unserved" : "failed";
}

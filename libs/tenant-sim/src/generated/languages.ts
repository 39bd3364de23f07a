/** What a mailbox of one language is made of. `pages` are code pages that HTML bodies are written in. */
export type Language = {
  readonly code: string;
  readonly locale: number;
  readonly pages: readonly number[];
  readonly rightToLeft: boolean;
  readonly reply: string;
  readonly greeting: string;
  readonly closing: string;
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly words: readonly string[];
  readonly subjects: readonly string[];
  readonly categories: readonly string[];
  /** Default folders by what they are for, then names for folders of the user's own. */
  readonly folders: Readonly<Record<FolderName, string>>;
  readonly projects: readonly string[];
};

/** Folders that Exchange names in the mailbox's language. */
export type FolderName =
  | 'inbox'
  | 'drafts'
  | 'sentitems'
  | 'deleteditems'
  | 'junkemail'
  | 'outbox'
  | 'archive'
  | 'calendar'
  | 'contacts'
  | 'tasks'
  | 'notes'
  | 'journal'
  | 'feeds'
  | 'projects'
  | 'unread';

const names = (list: string): Readonly<Record<FolderName, string>> => {
  const keys = [
    'inbox',
    'drafts',
    'sentitems',
    'deleteditems',
    'junkemail',
    'outbox',
    'archive',
    'calendar',
    'contacts',
    'tasks',
    'notes',
    'journal',
    'feeds',
    'projects',
    'unread',
  ];
  const values = list.split('|');
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? key])) as Readonly<Record<FolderName, string>>;
};

const words = (text: string): readonly string[] => text.split(' ');
const lines = (text: string): readonly string[] => text.split('|');

/** The languages of generated mailboxes, in the order in which mailboxes take turns. */
export const LANGUAGES: readonly Language[] = [
  {
    code: 'de',
    locale: 1031,
    pages: [65001, 1252, 28591],
    rightToLeft: false,
    reply: 'AW: ',
    greeting: 'Guten Tag',
    closing: 'Mit freundlichen Grüßen',
    first: words('Anna Jürgen Käthe Lukas Mareike Søren Thomas Ümit Jörg Sabine'),
    last: words('Müller Schäfer Großmann Weiß König Böhm Krüger Vogt Becker Lindner'),
    words: words(
      'Angebot Lieferung Rechnung Übersicht Prüfung Vertrag Kunde morgen bitte geändert größer Straße Termin Besprechung Ergebnis Anlage können müssen während Überweisung Maßnahme Zahlung Bestellung nächste Woche zuständig Abteilung gemäß Vereinbarung Änderung',
    ),
    subjects: lines(
      'Angebot für das nächste Quartal|Änderung am Vertrag|Rückfrage zur Rechnung|Protokoll der Besprechung|Größere Störung im Lager|Urlaubsübergabe',
    ),
    categories: lines('Rot|Wichtig|Kunde Süd'),
    folders: names(
      'Posteingang|Entwürfe|Gesendete Elemente|Gelöschte Elemente|Junk-E-Mail|Postausgang|Archiv|Kalender|Kontakte|Aufgaben|Notizen|Journal|RSS-Feeds|Projekte|Ungelesene Nachrichten',
    ),
    projects: lines('Umzug Köln|Jahresabschluß|Prüfstände|Übergabe|Verträge'),
  },
  {
    code: 'en',
    locale: 1033,
    pages: [65001, 1252, 20127],
    rightToLeft: false,
    reply: 'RE: ',
    greeting: 'Hello',
    closing: 'Kind regards',
    first: words('Alice Bob Carol Daniel Erin Frank Grace Heidi Ivan Siobhan'),
    last: words("Smith Johnson O'Neill Brown Taylor Walker Green Hughes Carter Young"),
    words: words(
      'offer delivery invoice summary review contract customer tomorrow please changed larger street meeting outcome attached shall while transfer measure payment order next week responsible department agreement update budget schedule release',
    ),
    subjects: lines(
      'Quarterly numbers|Contract change|Question about your invoice|Minutes of the meeting|Outage in building 4|Out of office handover',
    ),
    categories: lines('Red Category|Important|Customer'),
    folders: names(
      'Inbox|Drafts|Sent Items|Deleted Items|Junk Email|Outbox|Archive|Calendar|Contacts|Tasks|Notes|Journal|RSS Feeds|Projects|Unread Mail',
    ),
    projects: lines('Move to Leeds|Year end|Test benches|Handover|Contracts'),
  },
  {
    code: 'fr',
    locale: 1036,
    pages: [65001, 1252],
    rightToLeft: false,
    reply: 'RE: ',
    greeting: 'Bonjour',
    closing: 'Bien cordialement',
    first: words('Amélie Benoît Chloé Étienne François Hélène Jérôme Noëlle Zoé Loïc'),
    last: words('Lefèvre Dupré Garçon Moreau Guérin Noël Bézier Rémy Châtelain Faÿ'),
    words: words(
      'devis livraison facture aperçu vérification contrat client demain modifié plus grand réunion résultat pièce jointe pendant virement mesure paiement commande prochaine semaine service accord mise à jour œuvre naïf où déjà',
    ),
    subjects: lines(
      'Devis pour le prochain trimestre|Modification du contrat|Question sur la facture|Compte rendu de réunion|Panne à l’entrepôt|Congés d’été',
    ),
    categories: lines('Catégorie rouge|Important|Clientèle'),
    folders: names(
      'Boîte de réception|Brouillons|Éléments envoyés|Éléments supprimés|Courrier indésirable|Boîte d’envoi|Archive|Calendrier|Contacts|Tâches|Notes|Journal|Flux RSS|Projets|Non lus',
    ),
    projects: lines('Déménagement|Clôture annuelle|Bancs d’essai|Remise|Contrats'),
  },
  {
    code: 'ja',
    locale: 1041,
    pages: [65001, 932],
    rightToLeft: false,
    reply: 'RE: ',
    greeting: 'お世話になっております',
    closing: 'よろしくお願いいたします',
    first: words('太郎 花子 健一 美咲 翔太 陽菜 直樹 恵子 大輔 由美'),
    last: words('佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤'),
    words: words(
      '見積もり 納品 請求書 概要 確認 契約 お客様 明日 変更 会議 結果 添付 期間 振込 対策 支払い 注文 来週 担当 部署 合意 更新 予算 予定 出荷 検討 資料 議事録 ご連絡 お願い',
    ),
    subjects: lines('来期の見積もりについて|契約変更のご連絡|請求書に関するお問い合わせ|会議の議事録|倉庫の障害について|休暇の引き継ぎ'),
    categories: lines('赤の分類|重要|お客様'),
    folders: names(
      '受信トレイ|下書き|送信済みアイテム|削除済みアイテム|迷惑メール|送信トレイ|アーカイブ|予定表|連絡先|タスク|メモ|履歴|RSS フィード|プロジェクト|未読メール',
    ),
    projects: lines('大阪移転|年度末|試験設備|引き継ぎ|契約'),
  },
  {
    code: 'ar',
    locale: 1025,
    pages: [65001, 1256],
    rightToLeft: true,
    reply: 'رد: ',
    greeting: 'السلام عليكم',
    closing: 'مع أطيب التحيات',
    first: words('أحمد فاطمة محمد ليلى يوسف مريم خالد نور سعيد هدى'),
    last: words('الحسن المصري العلي حداد خوري الشامي منصور سالم ناصر عباس'),
    words: words(
      'عرض تسليم فاتورة ملخص مراجعة عقد عميل غدا رجاء تغيير أكبر شارع اجتماع نتيجة مرفق خلال تحويل إجراء دفع طلب الأسبوع القادم قسم اتفاق تحديث ميزانية جدول إصدار',
    ),
    subjects: lines('عرض الربع القادم|تعديل العقد|سؤال عن الفاتورة|محضر الاجتماع|عطل في المستودع|تسليم الإجازة'),
    categories: lines('فئة حمراء|مهم|عميل'),
    folders: names(
      'علبة الوارد|المسودات|العناصر المرسلة|العناصر المحذوفة|البريد غير الهام|علبة الصادر|الأرشيف|التقويم|جهات الاتصال|المهام|الملاحظات|دفتر اليومية|موجز RSS|المشاريع|غير المقروءة',
    ),
    projects: lines('نقل المكتب|نهاية السنة|مختبر|تسليم|عقود'),
  },
  {
    code: 'pl',
    locale: 1045,
    pages: [65001, 1250, 28592],
    rightToLeft: false,
    reply: 'ODP: ',
    greeting: 'Dzień dobry',
    closing: 'Z poważaniem',
    first: words('Łukasz Żaneta Święcisław Grażyna Paweł Małgorzata Józef Agnieszka Bożena Michał'),
    last: words('Wiśniewski Wójcik Kowalczyk Dąbrowska Zieliński Szymańska Woźniak Kozłowski Jabłońska Mazur'),
    words: words(
      'oferta dostawa faktura przegląd umowa klient jutro proszę zmieniony większy ulica spotkanie wynik załącznik może podczas przelew środek płatność zamówienie przyszły tydzień dział zgodnie aktualizacja budżet źródło żółty łączność ćwiczenie',
    ),
    subjects: lines(
      'Oferta na przyszły kwartał|Zmiana umowy|Pytanie o fakturę|Protokół ze spotkania|Awaria w magazynie|Przekazanie obowiązków',
    ),
    categories: lines('Kategoria czerwona|Ważne|Klient'),
    folders: names(
      'Skrzynka odbiorcza|Wersje robocze|Elementy wysłane|Elementy usunięte|Wiadomości-śmieci|Skrzynka nadawcza|Archiwum|Kalendarz|Kontakty|Zadania|Notatki|Dziennik|Źródła RSS|Projekty|Nieprzeczytane',
    ),
    projects: lines('Przeprowadzka|Zamknięcie roku|Stanowiska|Przekazanie|Umowy'),
  },
  {
    code: 'ru',
    locale: 1049,
    pages: [65001, 1251, 20866],
    rightToLeft: false,
    reply: 'НА: ',
    greeting: 'Здравствуйте',
    closing: 'С уважением',
    first: words('Алексей Мария Дмитрий Ольга Сергей Наталья Фёдор Елена Юрий Анна'),
    last: words('Иванов Смирнова Кузнецов Попова Соколов Лебедева Козлов Новикова Щукин Ёлкин'),
    words: words(
      'предложение доставка счёт обзор проверка договор клиент завтра пожалуйста изменено больше улица встреча результат вложение может пока перевод мера оплата заказ следующая неделя отдел соглашение обновление бюджет график выпуск ещё',
    ),
    subjects: lines('Предложение на квартал|Изменение договора|Вопрос по счёту|Протокол встречи|Сбой на складе|Передача дел'),
    categories: lines('Красная категория|Важно|Клиент'),
    folders: names(
      'Входящие|Черновики|Отправленные|Удаленные|Нежелательная почта|Исходящие|Архив|Календарь|Контакты|Задачи|Заметки|Дневник|RSS-каналы|Проекты|Непрочитанные',
    ),
    projects: lines('Переезд|Конец года|Стенды|Передача|Договоры'),
  },
];

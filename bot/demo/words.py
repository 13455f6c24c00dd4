"""The demo's company in each language: its name, its units, its people, what customers write."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompanyWords:
    """A company as somebody who reads this language would find it around the corner."""

    name: str
    units: tuple[str, str, str]
    customer: tuple[str, str]
    staff: tuple[str, str]
    manager: tuple[str, str]
    comments: tuple[str, ...]


WORDS = {
    "en": CompanyWords(
        "Harbour Coffee",
        ("Riverside", "Old Town", "Station"),
        ("Clara", "Customer"),
        ("Sam", "Staff"),
        ("Maya", "Manager"),
        (
            "The queue at noon is endless; a second till would help.",
            "I waited ten minutes and nobody told me why.",
            "Lovely people, but they are always running.",
            "My order was ready when the app said it would be. More of that!",
            "Twice this month the card machine was broken.",
            "They remembered my name. That made my day.",
            "It would help to see how long the wait is.",
            "The new opening hours suit me well.",
            "Ordered ahead, still stood in line for a while.",
            "Staff were kind when my order was wrong.",
        ),
    ),
    "zh-Hans": CompanyWords(
        "海港咖啡",
        ("河畔店", "老城店", "车站店"),
        ("林悦", "顾客"),
        ("阿杰", "员工"),
        ("王敏", "经理"),
        (
            "中午排队太久了，再开一个收银台就好了。",
            "等了十分钟，也没有人告诉我为什么。",
            "店员很亲切，就是一直忙不过来。",
            "应用说几点好就几点好，希望一直这样！",
            "这个月刷卡机坏了两次。",
            "他们记得我的名字，一整天心情都好。",
            "要是能看到还要等多久就好了。",
            "新的营业时间很适合我。",
            "提前下了单，还是排了一会儿队。",
            "点错了单，店员处理得很耐心。",
        ),
    ),
    "zh-Hant": CompanyWords(
        "海港咖啡",
        ("河畔店", "老城店", "車站店"),
        ("林悅", "顧客"),
        ("阿傑", "員工"),
        ("王敏", "店長"),
        (
            "中午排隊太久了，再開一個結帳櫃檯就好了。",
            "等了十分鐘，也沒有人告訴我為什麼。",
            "店員很親切，就是一直忙不過來。",
            "App 說幾點好就幾點好，希望一直這樣！",
            "這個月刷卡機壞了兩次。",
            "他們記得我的名字，一整天心情都好。",
            "要是能看到還要等多久就好了。",
            "新的營業時間很適合我。",
            "提前下了單，還是排了一會兒隊。",
            "餐點做錯了，店員處理得很有耐心。",
        ),
    ),
    "es": CompanyWords(
        "Café del Puerto",
        ("Ribera", "Casco Antiguo", "Estación"),
        ("Clara", "Cliente"),
        ("Samuel", "Personal"),
        ("Maya", "Responsable"),
        (
            "La cola del mediodía es interminable; ayudaría otra caja.",
            "Esperé diez minutos y nadie me dijo por qué.",
            "Gente encantadora, pero siempre van corriendo.",
            "Mi pedido estuvo listo a la hora que decía la aplicación. ¡Así siempre!",
            "Este mes el datáfono falló dos veces.",
            "Se acordaron de mi nombre. Me alegró el día.",
            "Vendría bien ver cuánto falta.",
            "El nuevo horario me viene muy bien.",
            "Pedí con antelación y aun así hice cola un rato.",
            "Fueron amables cuando mi pedido salió mal.",
        ),
    ),
    "ar": CompanyWords(
        "مقهى الميناء",
        ("ضفة النهر", "المدينة القديمة", "المحطة"),
        ("ليلى", "زبونة"),
        ("سامر", "موظف"),
        ("مها", "مديرة"),
        (
            "الطابور ظهرًا لا ينتهي، وصندوق ثانٍ سيساعد.",
            "انتظرت عشر دقائق ولم يخبرني أحد بالسبب.",
            "الناس لطفاء، لكنهم في عجلة دائمًا.",
            "كان طلبي جاهزًا في الوقت الذي ذكره التطبيق. نريد المزيد!",
            "تعطلت آلة البطاقات مرتين هذا الشهر.",
            "تذكروا اسمي، فأسعدوا يومي.",
            "سيفيدنا أن نرى كم بقي من الانتظار.",
            "أوقات العمل الجديدة تناسبني تمامًا.",
            "طلبت مسبقًا ومع ذلك وقفت في الطابور قليلًا.",
            "كانوا لطفاء عندما أخطأوا في طلبي.",
        ),
    ),
}

"""The demo's people, words and tickets, as data. Names, numbers and shops are made up."""

from dataclasses import dataclass

COMPANY = "Noor Appliances"
CONTACT_LINK = "https://wa.me/966550000000"
SENDER = "care@noor-appliances.example"
TEMPLATE = "Appliance repair"

AGENTS = {
	"sara@noor-appliances.example": ("Sara Haddad", "Asia/Riyadh"),
	"tom@noor-appliances.example": ("Tom Becker", "Europe/Berlin"),
}


@dataclass(frozen=True)
class Step:
	"""A sub-status: what agents call it, and what customers read in English and in Arabic."""

	label: str
	main_status: str
	customer_label: str
	next_step: str
	arabic_label: str
	arabic_next_step: str
	ball: str = "Us"
	is_default: bool = False


STEPS = (
	Step(
		"Triage: not read yet",
		"1",
		"We have your request",
		"A colleague reads it within one working day.",
		"استلمنا طلبك",
		"يقرأه أحد زملائنا خلال يوم عمل واحد.",
		is_default=True,
	),
	Step(
		"Workshop: diagnosis",
		"2",
		"We are looking into it",
		"We tell you what the repair needs within two working days.",
		"نفحص المشكلة",
		"نخبرك بما يحتاجه الإصلاح خلال يومي عمل.",
		is_default=True,
	),
	Step(
		"Waiting: part ordered",
		"2",
		"A spare part is on its way",
		"The part takes three to five days. Then we agree on a visit with you.",
		"قطعة الغيار في الطريق",
		"تصل القطعة خلال ثلاثة إلى خمسة أيام، ثم نتفق معك على موعد الزيارة.",
		ball="A third party",
	),
	Step(
		"Waiting: customer picks a date",
		"2",
		"Please choose a date for the visit",
		"Call us or answer our e-mail with a day that suits you.",
		"اختر موعدًا للزيارة من فضلك",
		"اتصل بنا أو أجب على رسالتنا بيوم يناسبك.",
		ball="You",
	),
	Step(
		"Field: technician booked",
		"2",
		"Our technician is booked",
		"The technician calls half an hour before the visit.",
		"تم حجز الفني",
		"يتصل بك الفني قبل الزيارة بنصف ساعة.",
	),
	Step(
		"Done: on probation",
		"3",
		"Repaired",
		"Try it for a few days. Tell us if it comes back.",
		"تم الإصلاح",
		"جرّب الجهاز بضعة أيام، وأخبرنا إن عادت المشكلة.",
		ball="You",
		is_default=True,
	),
	Step(
		"Closed",
		"4",
		"Closed",
		"Thank you for your patience.",
		"مغلقة",
		"شكرًا على صبرك.",
		is_default=True,
	),
)
MAIN_STATUSES = (
	("Received", "تم الاستلام", "Open", ("Open",)),
	("In progress", "قيد المعالجة", "Open", ("Open", "Replied")),
	("Resolved", "تم الحل", "Resolved", ("Resolved",)),
	("Closed", "مغلقة", "Closed", ("Closed",)),
)


@dataclass(frozen=True)
class Story:
	"""A ticket and its way: hours ago, and the index of the step in ``STEPS``; the first one is the filing."""

	subject: str
	description: str
	customer: str
	phone: str
	email: str
	way: tuple[tuple[int, int], ...]
	language: str = "en"
	is_archived: bool = False


STORIES = (
	Story(
		"Washing machine leaks while spinning",
		"<p>Water runs out at the front as soon as it spins. It is 14 months old.</p>",
		"Huda Al-Salem",
		"+966550000011",
		"huda@example.com",
		((150, 0), (122, 1), (49, 2)),
	),
	Story(
		"الثلاجة لا تبرد",
		"<p>الثلاجة تعمل ولكنها لا تبرد منذ يوم أمس، والطعام بدأ يفسد.</p>",
		"أحمد القحطاني",
		"+966550000012",
		"ahmed@example.com",
		((75, 0), (70, 1), (26, 3)),
		language="ar",
	),
	Story(
		"Dishwasher shows E15",
		"<p>It beeps and shows <b>E15</b>. I have emptied the sieve already.</p>",
		"Emma Clarke",
		"+447700900123",
		"emma@example.com",
		((220, 0), (200, 1), (96, 4), (20, 5)),
	),
	Story(
		"Invoice for the last repair",
		"<p>Please send me the invoice for order 40211 again.</p>",
		"Lukas Weber",
		"",
		"lukas@example.com",
		((3, 0),),
	),
	Story(
		"Oven door does not close",
		"<p>You repaired it, and now it is open again by a finger's breadth.</p>",
		"Priya Nair",
		"+966550000015",
		"priya@example.com",
		((400, 0), (380, 1), (300, 5), (30, 1)),
	),
	Story(
		"Dryer smells of burning",
		"<p>It smelled after ten minutes. I have switched it off.</p>",
		"Omar Said",
		"+966550000016",
		"omar@example.com",
		((2200, 0), (2180, 1), (2050, 4), (2000, 5), (1800, 6)),
		is_archived=True,
	),
)

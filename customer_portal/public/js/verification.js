// The forms work without this: it counts down, reads the code from the SMS, and stops double sending.
const code = document.getElementById("code");
const resend = document.getElementById("resend");
const countdown = document.getElementById("countdown");

function countDown(until) {
	const seconds = Math.ceil((until - Date.now()) / 1000);
	resend.disabled = seconds > 0;
	countdown.hidden = seconds <= 0;
	const shown = String(seconds).replace(/\d/g, (digit) => countdown.dataset.digits[digit]);
	countdown.textContent = countdown.dataset.text.replace("{0}", shown);
	if (seconds > 0) setTimeout(countDown, 250, until);
}

// https://wicg.github.io/web-otp
async function fillInFromMessage() {
	const stop = new AbortController();
	code.form.addEventListener("submit", () => stop.abort());
	try {
		const message = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal });
		code.value = message.code;
		code.form.requestSubmit();
	} catch (problem) {
		if (problem.name !== "AbortError") console.info("The code has to be typed:", problem.name);
	}
}

for (const form of document.forms) {
	form.addEventListener("submit", (event) => {
		if (form.dataset.sent) event.preventDefault();
		form.dataset.sent = "1";
	});
}
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => {
	for (const form of document.forms) delete form.dataset.sent;
});
if (resend && Number(resend.dataset.seconds) > 0) countDown(Date.now() + resend.dataset.seconds * 1000);
if (code && "OTPCredential" in window) fillInFromMessage();

"""How asking a provider can end badly. None of them carries an answer, a code or a token: a log may show them."""


class OpenIdFailure(Exception):
	pass


class ProviderUnavailable(OpenIdFailure):
	"""It does not answer, or with nothing that a provider may say."""


class SignInRefused(OpenIdFailure):
	"""The provider does not take the code, or its ID token is not for this sign-in."""


class WrongCredentials(SignInRefused):
	"""The provider does not know the client's id, its secret or its redirect address: an admin can mend it."""

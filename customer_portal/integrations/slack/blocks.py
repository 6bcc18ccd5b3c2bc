"""Block Kit as Slack's own package writes it. https://docs.slack.dev/reference/block-kit/blocks"""

from slack_sdk.models.blocks import (
	ActionsBlock,
	Block,
	ButtonElement,
	ConfirmObject,
	ContextBlock,
	MarkdownTextObject,
	Option,
	OptionGroup,
	PlainTextObject,
	SectionBlock,
	StaticSelectElement,
)

__all__ = [
	"ActionsBlock",
	"Block",
	"ButtonElement",
	"ConfirmObject",
	"ContextBlock",
	"MarkdownTextObject",
	"Option",
	"OptionGroup",
	"PlainTextObject",
	"SectionBlock",
	"StaticSelectElement",
]

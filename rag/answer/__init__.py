"""From passages to an answer: quoted or generated with a citation per sentence, or a refusal."""

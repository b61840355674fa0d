"""The schema of a language's data file: every entry by its name, with its purpose in a sentence.

Words are single and folded. Phrases are parts of regular expressions that ignore case unless stated otherwise;
`{name}` in one stands for another entry or fragment of the same file, or for a gap that the code fills. Tables list the
names of each key. Texts are shown to people or models. Where two entries look alike, their purposes state the
difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileSection(StrEnum):
    """A part of a data file."""

    WORDS = "words"
    PHRASES = "phrases"
    TABLES = "tables"
    TEXTS = "texts"


# The section of a file for parts that several of its phrases share; their names are free.
FRAGMENTS = "fragments"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its section and purpose, and the keys of a table or the gaps that the code fills."""

    section: FileSection
    purpose: str
    keys: tuple[str, ...] = ()
    put_in: tuple[str, ...] = ()
    detects: bool = False  # files for detection only have it too, for documents in their languages


# The fields of a language, with their types.
LANGUAGE = {
    "code": str,  # ISO 639-1, the name of the file
    "stemmer": str,  # name of the Snowball stemmer
    "letters": str,  # letters that indicate the language
    "capital_nouns": bool,  # whether nouns are capitalised
    "detection_only": bool,  # the language is only recognised: no question is analysed in it
}


def _words(purpose: str, *, detects: bool = False) -> Entry:
    return Entry(FileSection.WORDS, purpose, detects=detects)


def _phrases(purpose: str, *put_in: str, detects: bool = False) -> Entry:
    return Entry(FileSection.PHRASES, purpose, put_in=put_in, detects=detects)


def _table(purpose: str, keys: str) -> Entry:
    return Entry(FileSection.TABLES, purpose, keys=tuple(keys.split()))


def _text(purpose: str, *put_in: str) -> Entry:
    return Entry(FileSection.TEXTS, purpose, put_in=put_in)


_TO_TWENTY = " ".join(map(str, range(1, 21)))

SCHEMA: dict[str, Entry] = {
    # ---- function words
    "small": _words(
        "The most frequent words of texts, even if shared by languages: they indicate a language.", detects=True
    ),
    "asking": _words("Question words; they indicate the language of a question.", detects=True),
    "stop": _words("Stop words: function words and question words, which have no topic and aren't searched for."),
    "commands": _words("Words of commands; they indicate a language where no function word does."),
    "compound_links": _words("Linking elements of compounds; none in languages without compounds."),
    "articles": _words("All articles before a term; dropped when answers are compared, as in SQuAD."),
    "asked_of": _words("Words that ask about a subject without being one; none in languages with capitalised nouns."),
    "the": _phrases("The definite articles."),
    "a": _phrases("The indefinite articles before a subject."),
    "ones": _phrases("Articles and the like before the genus in “X is a …”; case-sensitive."),
    "a_in_any_case": _phrases("The indefinite articles in every grammatical case, for a term within a sentence."),
    "is": _phrases("The copula between a term and its definition."),
    "if": _phrases("Conjunctions that begin a condition."),
    "if_or_when": _phrases("The same with “when”, a condition only where the quality is named."),
    "and": _phrases("The conjunction “and”."),
    "or": _phrases("The conjunction between two names of one thing."),
    # ---- sentences
    "abbreviations": _words("Abbreviations: their full stop ends no sentence."),
    "refers": _phrases(
        "References before a number: “see Fig. 3”; the full stop after that number ends a sentence; capitalised."
    ),
    # ---- the term that a question asks to define
    "word_endings": _words("Endings by which two forms of a word may differ."),
    "plural_endings": _words("Endings beside -er of nouns with a plural in -er; none in languages without such nouns."),
    "doubling_endings": _words("Endings before which the last letter of a word may be doubled: overfit, overfitting."),
    "called_a_term": _phrases("Phrases that announce a term: “the notion of”."),
    "before_question": _phrases("Phrases before a question that don't change it."),
    "asks_proof": _phrases("Questions for the proof of a named theorem.", "term"),
    "asks_meaning": _phrases("Questions for a definition that can ask for nothing else.", "term"),
    "asks_perhaps_meaning": _phrases("Questions that ask for a definition only if they name a term.", "term"),
    "proof": _phrases("Words for a proof and for proving."),
    "no_term": _phrases("Words that no term has: they make a clause."),
    "of": _phrases("Prepositions between a noun and the one thing it belongs to: “the capital of Kenya”."),
    "within": _phrases("Prepositions between a term and its field: “broadcasting in numpy”."),
    # ---- answer types
    "asks_cost": _phrases("Questions for a running time."),
    "says_cost": _phrases("Sentences that state a running time, beside those with a Landau symbol."),
    "one_by_one": _phrases("Singular nouns that look like a plural."),
    "asks_list": _phrases("Questions that expect a list."),
    "asks_how": _phrases("Questions for a procedure."),
    "says_how": _phrases("Sentences that state a procedure."),
    "asks_why": _phrases("Questions for a reason."),
    "says_why": _phrases("Sentences that state a reason."),
    "asks_formula": _phrases("Questions for a formula."),
    "tells_to_do": _phrases("Instructions to the reader: an exercise shares words with a question, but is no answer."),
    # ---- definitions and anaphora
    "pronouns": _words("Anaphoric subject pronouns."),
    "pointing": _words("Other words that are always anaphoric: possessives, objects, “davon”."),
    "pointing_alone": _words("Words that are anaphoric only without a noun: they are articles too."),
    "opens_definition": _phrases("Words before the term at the beginning of a sentence that defines it."),
    "in_short": _phrases("Openings of a definition in few words."),
    "begins_clause": _phrases("Conjunctions that begin a clause which may define a term."),
    "labels_definition": _phrases("Labels of a definition: “Definition 3.2 (Trie)”."),
    "calls": _phrases("Verbs before a term that name something by it: “is called”; `few`: up to four words.", "few"),
    "calls_behind": _phrases("Verbs after a term that name something by it, with `as` before the term."),
    "as": _phrases("The conjunction before a term, with `calls_behind` after it."),
    "by": _phrases("Prepositions before a term, with `is_meant` after it."),
    "is_meant": _phrases("Verbs for “is meant”, after a term."),
    "short_for": _phrases("Beginnings of an explanation in brackets."),
    "preposition": _phrases("Prepositions between a term and an attribute, before the verb."),
    "defines": _phrases("Verbs that define a term, beside `is`."),
    "just": _phrases("Adverbs between `is` and `one_kind`."),
    "one_kind": _phrases("The beginnings of the genus in “X is a kind of”."),
    "remarks": _phrases("The beginnings of a remark about a term, which is no definition."),
    "this_one": _phrases("Words for one particular thing, not a term in general."),
    "is_one": _phrases("Verbs before a quality that a condition defines: “is called tense if”."),
    "relative": _phrases("Relative pronouns for the term before them."),
    "in_it": _phrases("Prepositions before a term, with `one_does` after it: “in recombination, one”."),
    "one_does": _phrases("The verb and subject of “one does”."),
    "be": _phrases("Verbs after an anaphoric subject: “This is called”."),
    "tells": _phrases("Beginnings of a narrative sentence, which defines nothing."),
    "names_definition": _phrases("Beginnings of a heading above a definition."),
    # ---- numbered items
    "numbered": _table(
        "The kinds of numbered items: “Lemma 8.6”; single words.",
        "lemma theorem definition proposition corollary figure table exercise example algorithm listing remark axiom "
        "equation claim code",
    ),
    "about_numbered": _words("Words of a question that asks just for a numbered item."),
    "begins_proof": _phrases("Beginnings of a proof in a document; case-sensitive."),
    # ---- places in a course
    "units": _table(
        "The names of course units, in questions, file names and headings.",
        "week lecture exercise tutorial chapter unit part session quarter",
    ),
    "material": _table(
        "The names of material in a question, beside `units`; patterns.",
        "whole file slides script notes notebook glossary sheet lecture week chapter section page tutorial",
    ),
    "material_in_names": _table(
        "The kinds of material, as recognised by a document's name or title; patterns.",
        "slides script notes notebook glossary sheet lecture",
    ),
    "plural_units": _table("Plurals that denote units when numbers follow: “lectures 1 to 3”.", "lecture page"),
    "before_numbers": _table(
        "Further words before a unit's number in a file name or heading.",
        "sheet section notebook notes",
    ),
    "unit_letters": _table("Single letters for a unit at the beginning of a file name: “w05”.", "week lecture"),
    "compound_material": _words("Material as the last part of a compound with a name: “Evaluationsfolien”."),
    "cardinals": _table("The cardinal numbers: “chapter two”.", _TO_TWENTY),
    "ordinals": _table("The ordinal numbers: “the third quarter”.", _TO_TWENTY),
    "months": _table("The months and their abbreviations.", "1 2 3 4 5 6 7 8 9 10 11 12"),
    "last": _words("Words for the last of several: “the last chapter”."),
    "declines": _phrases("Phrases by which a model says that its excerpts lack the answer."),
    "newest": _phrases("Phrases for the newest edition: “in its most recent report”."),
    "number_sign": _phrases("Signs between a unit and its number: “week no. 5”."),
    "ordinal_ending": _words("Endings of an ordinal number in digits: “2nd”.", detects=True),
    "joins_numbers": _phrases("Conjunctions between numbers: “chapters 2 and 3”."),
    "until": _phrases("Prepositions between the numbers of a range."),
    "determiner": _phrases("Determiners and adjectives before material: “all of the uploaded”."),
    "about_material": _phrases("Prepositions between material and its subject: “the slides on …”."),
    "part_of": _phrases("Prepositions between material and the containing material: “chapter 2 of the script”."),
    "no_name": _words("Words that no name of a document or heading has: they make a clause or a question."),
    # ---- follow-ups
    "points_nowhere": _phrases("Words that only look anaphoric: “there are”."),
    "polite": _phrases("The pronouns of polite address."),
    "goes_on": _phrases("Beginnings of a follow-up."),
    "talk": _words("Words on the manner of an answer, without a topic: “give me a simple example”."),
    "stands_for_term": _phrases("Pronouns that can be replaced by the term of the conversation; case-sensitive."),
    "possessive": _phrases("The same for possessives."),
    "but": _phrases("The conjunction “but”."),
    "what_about": _phrases("Phrases that repeat the question about another term: “what about”."),
    "no_thing": _words("Words after “and” that begin a question of its own, beside `asking`: no term follows."),
    "asks_circumstance": _words("Question words of a follow-up of two words: “How fast?”."),
    "asks_difference": _phrases("The question for a difference, without its terms."),
    "compared_with": _phrases("Comparisons with the topic of the conversation, which name one thing only."),
    "difference_between": _text("The question for the difference of two terms.", "asked", "one", "other"),
    "joins_possessive": _text("The sign between a term and a noun whose possessive it replaces."),
    # ---- sentences that are no quoted answer
    "see": _phrases("Beginnings of a sentence that only refers to another place, before `parts`."),
    "parts": _phrases("The parts of a text that such a sentence refers to."),
    "aims": _phrases("Beginnings of a learning goal, which is no answer."),
    "asks_aims": _phrases("Questions for learning goals."),
    # ---- requests for an overview, in lower case
    "things": _table(
        "The kinds of items for a listing, as named in a request; patterns, mostly plurals.",
        "definition theorem example exercise algorithm formula",
    ),
    "courtesy": _phrases("Courtesies before a request."),
    "manner": _phrases("Phrases after a request on the manner of the answer."),
    "asks_next": _phrases("Phrases that repeat a request for other material: “and lecture 4?”; the longest first."),
    "often": _phrases("Adjectives before the kinds of items."),
    "joins_things": _phrases("Conjunctions between several kinds of items."),
    "all_the": _phrases("Determiners before each kind of item."),
    "asks_summary_any": _phrases("Requests for a summary of anything with a name.", "material"),
    "asks_summary_material": _phrases("Requests for a summary only if they name material.", "material"),
    "asks_summary_certain": _phrases(
        "Requests for a summary only if the material has a number or is a file.", "material"
    ),
    "asks_about_material": _phrases("Requests for the subject of material.", "material"),
    "asks_topics_material": _phrases("Requests for the headings of material.", "material"),
    "asks_listing_any": _phrases("Requests for a list of items in anything with a name.", "material", "things"),
    "asks_listing_material": _phrases("Requests for a list of items only if they name material.", "material", "things"),
    # ---- overviews: the parts of a document
    "part_labels": _phrases("Labels before the number of a part in its heading."),
    "goes_on_in": _phrases("Endings of a heading that continues the one before, in brackets."),
    "apart": _phrases("Headings of sections that are not about the subject: contents, references."),
    "abstracts": _phrases("Headings of an abstract."),
    # ---- overviews: self-contained sentences and salience
    "sees": _phrases("Beginnings of a sentence that refers elsewhere."),
    "announces": _phrases("Phrases that announce the subject of a text."),
    "says_what_is": _phrases("Phrases that may define something, in any sentence: a hint, no proof of a definition."),
    "leaning": _phrases("Beginnings of a sentence that is not self-contained."),
    "administers": _phrases("Words on deadlines, rooms and the like, not on the subject."),
    # ---- overviews: definitions and other items of a document
    "labels": _table(
        "The labels of items in a document, beside `numbered`; patterns, case-sensitive.",
        "definition example exercise algorithm",
    ),
    "premises": _phrases("Beginnings of a premise, which the next sentence completes; case-sensitive."),
    "collections": _phrases("Headings above several items of one kind."),
    "drills": _phrases("Headings above questions to the reader."),
    "glossaries": _phrases("Titles of glossaries."),
    "defines_in_text": _phrases(
        "Verbs of a sentence that defines some term: `calls` is used with a known term and is looser."
    ),
    "then_defines": _phrases("The same after a condition at the beginning of a sentence."),
    "subjects": _phrases("Articles before the term at the beginning of a sentence; case-sensitive."),
    "no_kinds": _phrases("Words after `ones` that are no genus; case-sensitive."),
    "no_defined_term": _phrases("Words that no term has in a sentence “X is a …”."),
    "opens_explanation": _phrases("Beginnings of an explanation after “Term:”; case-sensitive."),
    "no_terms_in_lists": _phrases("Words before a colon in lists that are no term."),
    # ---- questions drafted from documents
    "subject_articles": _phrases("The articles at the beginning of a sentence; case-sensitive."),
    "drafting_verbs": _phrases("Verbs of the sentences from which questions are drafted."),
    "drafting_kinds": _phrases("Articles and the like between such a verb and the genus."),
    "unasked": _words("Anaphoric words beside `stop`: a question can't ask for them."),
    "vague": _words("Terms without meaning outside their paragraph."),
    "because": _phrases("Conjunctions between a clause and its reason."),
    "no_subject": _phrases("Words in the heading of a section that answers no question."),
    "reply_lines": _table("The names that a model may give to the lines of its reply.", "Question Answer Quote"),
    "asks_what_is": _text("A question for a definition.", "verb", "term"),
    "asks_what_designates": _text("The same with another verb than `is`.", "verb", "term"),
    "asks_reason": _text("A question for a reason.", "clause"),
    "asks_section": _text("A question for the content of a section.", "title", "heading"),
    # ---- words that loaders look for in files
    "heading_style": _words("The name of a word processor's heading style.", detects=True),
    "nameless_sheet": _words("The default name of a workbook's sheet.", detects=True),
    "nameless_slides": _phrases("The default title of a presentation."),
    "captions": _phrases("Labels of a caption, before its number.", detects=True),
    "chapters": _words("Labels of a chapter's heading, before its number.", detects=True),
    "page_names": _words("Words before a printed page number."),
    "page_signs": _phrases("Abbreviations of those words."),
    "of_pages": _words("Words between a page number and the number of pages."),
    "prose": _words("Function words without superscripts or subscripts: a PDF is asked for their size only once."),
    "suspending": _words("Words after a suspended hyphen, which is not one of a line end: “Vor- und Nachteile”."),
    "saved_files": _words("Suffixes that browsers add to the image folder of a saved page; case-sensitive."),
    # ---- texts for people and models
    "refusal": _text(
        "The refusal: a model's answer, word for word, when the passages don't answer; recognised and shown."
    ),
    "no_documents": _text("Shown while there is nothing to search."),
    "instructions_evidence": _text(
        "The instructions of a model that answers from evidence; citing and refusing are not its task."
    ),
    "label_excerpts": _text("The heading of the evidence in a prompt."),
    "instructions_whole": _text("Instructions for a model that reads sections in turn.", "task", "refusal"),
    "task_summary": _text("The task: a summary."),
    "task_about": _text("The task: the subject of documents, in short."),
    "task_listing": _text("The task: a list."),
    "label_passages": _text("The label above the passages of a prompt."),
    "label_question": _text("The label before the question of a prompt."),
    "drafting": _text("Instructions for a model that writes exam questions; the names of its three lines are English."),
    "condensing": _text("The request to a model for a standalone question.", "question"),
}

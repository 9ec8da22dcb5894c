"""Which files a study reads; the answers come from the package, where tests reach them."""


def raw_files(wildcards):
    """Raw files of a study, or the mark that the simulate rule leaves beside those of a design twin."""
    return inputs.sources(wildcards.study)


def questionnaire_files(wildcards):
    """Questionnaire files that the plan of a study uses."""
    return inputs.questionnaires(wildcards.study)

"""Which files a study reads; the answers come from the package, where tests reach them."""


def raw_files(wildcards):
    """Raw files of a study, or the mark that the simulate rule leaves beside those of a design twin."""
    return inputs.sources(wildcards.study)


def questionnaire_files(wildcards):
    """Questionnaire files that the plan of a study uses."""
    return inputs.questionnaires(wildcards.study)


def author_files(wildcards):
    """What authors put beside the plan of a study: their text, the frozen plan."""
    return inputs.beside(wildcards.study)


def figure_category(wildcards):
    """Part of the report to which a figure of `snakemake --report` belongs."""
    return inputs.figure(wildcards.study, wildcards.name)["category"]


def figure_labels(wildcards):
    """Title of a figure of `snakemake --report`."""
    return {"figure": inputs.figure(wildcards.study, wildcards.name)["title"]}

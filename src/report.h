/* The page of `report`: a section is a file, data in, HTML and pictures out. */
#ifndef REPORT_H
#define REPORT_H

#include <jansson.h>
#include <stdio.h>

typedef struct report {
    FILE *page;
    json_t *data; /* report_data.h; pictures that are left out are noted in it */
} report;

/* The whole page, to be freed; a picture that cannot be drawn gets a note in the data. An exit status. */
int report_page(json_t *data, char **page);

/* Sections, in the order of the page. Each is whole HTML, from <section> to </section>, and says so where its data are missing. */
int report_style(report *r); /* the style sheet and what else stands in <head> */
int report_head(report *r);
int report_figures(report *r);
int report_controls(report *r);
int report_sparsity(report *r);
int report_stability(report *r);
int report_identify(report *r);
int report_atoms(report *r);
int report_angles(report *r);
int report_training(report *r);
int report_sweep(report *r);
int report_terms(report *r);

/* The value at a path, "held_out.l0_mean"; NULL where there is none. */
const json_t *report_value(const report *r, const char *path);

/* What the figures of the page are in, as HTML after "in the". */
const char *report_metric(const report *r);

/* Opens <section id> with its heading; closes it. */
void section_begin(report *r, const char *id, const char *title);
void section_end(report *r);

/* A list of the notes whose path begins with one of the words; nothing where there is none. */
void section_notes(report *r, const char *const *about, int n);

#endif

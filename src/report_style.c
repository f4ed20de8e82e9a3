/* The head of the page. Colours are variables, so that pictures and text turn dark together; the policy forbids the page to load or to
 * run anything, whatever stands in it. */
#include "report.h"

#include "command.h"
#include "html.h"

static const char *const style[] = {
    ":root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1f2328;--quiet:#626a73;--grid:#e5e3dd;--rule:#d8d5cd;"
    "--first:#1f6fb2;--second:#c2571a;--limit:#2a8048;--link:#1a5f9e}",
    "@media(prefers-color-scheme:dark){:root{--paper:#15181c;--card:#1c2026;--ink:#e3e6ea;--quiet:#9aa4af;--grid:#2d333b;--rule:#363d46;"
    "--first:#6fb3ec;--second:#f0975a;--limit:#6cc48a;--link:#8cc0f0}}",
    "*{box-sizing:border-box}",
    "body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;font-variant-numeric:tabular-nums}",
    "header,nav,main{max-width:74rem;margin:0 auto;padding:0 clamp(1rem,3vw,2.5rem)}",
    "header{padding-top:2.5rem}",
    "h1{font-size:clamp(1.5rem,4vw,2.1rem);line-height:1.2;margin:0 0 .4rem;font-weight:650;overflow-wrap:anywhere}",
    "h2{font-size:1.35rem;margin:3.2rem 0 .6rem;font-weight:650}",
    "h3{font-size:1rem;margin:0 0 .5rem;font-weight:650}",
    "p{max-width:46rem;margin:.6rem 0}",
    "a{color:var(--link);text-underline-offset:.15em;text-decoration-thickness:1px}",
    "code{font-family:ui-monospace,monospace;font-size:.88em;overflow-wrap:anywhere}",
    ".lead,.quiet,caption,.notes,footer{color:var(--quiet)}",
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:1.4rem 0 0;padding:.7rem 0;border-block:1px solid var(--rule)}",
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:1rem;margin:1.6rem 0 0}",
    ".tiles div,figure{background:var(--card);border:1px solid var(--rule);border-radius:.6rem}",
    ".tiles div{padding:.9rem 1.1rem}",
    ".tiles dt{font-size:.9rem;color:var(--quiet)}",
    ".tiles dd{margin:0}",
    ".tiles .big{font-size:clamp(1.4rem,6vw,1.9rem);font-weight:600;line-height:1.3}",
    ".tiles .small{font-size:.85rem;color:var(--quiet)}",
    ".scroll{overflow-x:auto;margin:1rem 0}",
    "table{border-collapse:collapse;font-size:.95rem}",
    "caption{text-align:left;font-size:.9rem;padding-bottom:.5rem;max-width:min(46rem,calc(100vw - 2 * clamp(1rem,3vw,2.5rem)))}",
    "sub{line-height:0;font-size:.75em}",
    "th,td{padding:.3rem .9rem .3rem 0;text-align:right;border-bottom:1px solid var(--grid);vertical-align:baseline}",
    "th:first-child,td.words,.facts td{text-align:left}",
    "th{font-weight:600}",
    "tbody th{font-weight:400}",
    "thead th{border-bottom-color:var(--rule);color:var(--quiet);font-weight:500}",
    "tbody.group th[scope=rowgroup],tr.group th{padding-top:1rem;font-weight:600;color:var(--quiet)}",
    "td.words{color:var(--quiet);padding-left:.6rem}",
    ".facts th{color:var(--quiet)}",
    ".facts td{overflow-wrap:anywhere}",
    ".pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));gap:1.2rem;margin:1.2rem 0}",
    "figure{margin:0;padding:1rem 1.1rem .6rem;min-width:0}",
    "figure svg{display:block;width:100%;height:auto;font-family:inherit}",
    "figcaption{font-size:.9rem}",
    "figcaption p{margin:.5rem 0}",
    ".bad{color:var(--quiet)}",
    ".bad::before{content:\"Bad: \";font-weight:600;color:var(--second)}",
    ".notes{font-size:.88rem;padding-left:1.1rem;max-width:60rem}",
    ".missing{border-left:3px solid var(--rule);padding-left:.9rem;color:var(--quiet)}",
    "dl.terms{max-width:52rem}",
    ".terms dt{font-weight:600;margin-top:1rem}",
    ".terms dd{margin:.1rem 0 0}",
    ".terms dt:target{background:var(--grid)}",
    ".missing code{white-space:nowrap}",
    "details{margin:1rem 0}",
    "summary{cursor:pointer;color:var(--link)}",
    "footer{font-size:.88rem;margin:3rem 0 2.5rem;padding-top:.8rem;border-top:1px solid var(--rule)}",
    "@media(max-width:36rem){td.words{display:none}.controls "
    "td.words{display:table-cell}th,td{padding-right:.7rem}h2{margin-top:2.4rem}figure{padding:.8rem .6rem .4rem}}",
    "@media print{:root{color-scheme:light}figure,.tiles div{break-inside:avoid}}",
};

int report_style(report *r)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          r->page);
    html_text(r->page, json_string_value(report_value(r, "sae.path")));
    fputs(" · atoms report</title>\n<style>\n", r->page);
    for (size_t i = 0; i < sizeof style / sizeof style[0]; i++) fprintf(r->page, "%s\n", style[i]);
    fputs("</style>\n</head>\n<body>\n", r->page);
    return EXIT_DONE;
}

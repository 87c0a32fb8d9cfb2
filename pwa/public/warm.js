/**
 * A browser loads its tables of languages when it is first asked for anything of Intl, which takes a slow tablet
 * a tenth of a second. Asked for here, it happens while the app is still on its way.
 */
new Intl.NumberFormat()
new Intl.DateTimeFormat()

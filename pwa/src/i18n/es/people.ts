import type { people as texts } from '../en/people.ts'

const purchases = (count: number) => (count === 1 ? '1 compra' : `${count} compras`)

export const people: typeof texts = {
  actions: 'Acciones',
  offered: {
    link: 'Asignar un recibo sin cliente …',
    merge: 'Unir con otra ficha …',
    merges: 'Uniones de este cliente',
    accesses: 'Quién ha consultado esta ficha',
    export: 'Exportar todos los datos …',
    erase: 'Borrar este cliente …',
  },
  cancel: 'Cancelar',
  putAway: 'Quitar',
  thisCustomer: 'Este cliente',
  waitingTitle: 'Aún sin respuesta',
  waiting:
    'Se guarda en este dispositivo y se envía de nuevo hasta que el servidor conteste. Nada se hace dos veces.',

  alike: 'Puede ser la misma persona',
  maybeSame: 'Puede ser la misma persona que',
  andOthers: (count) => (count === 1 ? ' y otra ficha' : ` y otras ${count} fichas`),
  sameAs: {
    phone: (hint) => `mismo teléfono ${hint}`,
    email: (hint) => `mismo correo ${hint}`,
  },
  compare: 'Comparar',
  notTheSame: 'Son distintas',
  openRecord: 'Abrir esa ficha',

  mergeTitle: 'Unir dos fichas de una persona',
  mergeWith: 'Buscar la otra ficha',
  whichStays: '¿Qué ficha se queda?',
  stays: 'Se queda',
  goes: 'Pasa a la otra',
  newest: 'Últimas compras',
  wouldMove: (count) =>
    count === 0
      ? 'No pasa ninguna compra.'
      : `${count === 1 ? 'Pasa' : 'Pasan'} ${purchases(count)} a la ficha que se queda.`,
  oldLeadsThere: 'La otra lleva desde entonces a ella. Se puede deshacer.',
  unseenMove: 'También pasan las compras de tiendas que no ves.',
  cantMerge: 'Estas dos no se pueden unir:',
  mergeReason: 'Por qué son la misma persona',
  mergeReasonHint: 'Para quien tenga que comprobarlo',
  another: 'Elegir otra',
  merge: 'Unir',
  merging: 'Uniendo …',
  mergedTitle: 'Unidas',
  merged: (name, count) =>
    `La ficha de ${name} ya es parte de esta. ${count === 0 ? 'No tenía compras.' : `Ha traído ${purchases(count)}.`}`,
  undo: 'Deshacer',

  undoTitle: '¿Deshacer esta unión?',
  undoWhat: (name) =>
    `${name} vuelve a tener su propia ficha, con todas las compras que trajo la unión. Lo comprado desde entonces, y lo que alguien haya asignado a mano, se queda aquí.`,
  keepMerged: 'Dejarlas unidas',
  undoing: 'Deshaciendo …',
  undoneTitle: 'Unión deshecha',
  undone: (name, count) =>
    `${name} vuelve a tener su propia ficha${count === 0 ? '.' : `, con ${purchases(count)}.`}`,

  mergesTitle: 'Uniones de este cliente',
  noMerges: 'Esta ficha nunca se ha unido con otra.',
  into: 'con',
  mergedBy: (who, when) => `Por ${who}, ${when}`,
  aService: 'un usuario sin nombre',
  formerEmployee: 'Alguien que ya no trabaja aquí',
  undoneOn: (when) => `Deshecha el ${when}`,

  linkTitle: 'Asignar un recibo sin cliente',
  receiptNumber: 'Número del recibo',
  receiptNumberHint: 'Tecléalo o escanéalo',
  find: 'Buscar',
  noReceipt: (number) =>
    `No hay ningún recibo con el número «${number}» en tus tiendas. Compáralo con el papel, cifra a cifra.`,
  manyReceipts: (count) =>
    `${count} recibos tienen este número. Elige por fecha, tienda e importe.`,
  ofGuest: 'Sin cliente: aún no es de nadie',
  ofCustomer: (name) => `Es de ${name}`,
  wouldLink: (name) => `Pasa a ser una compra de ${name}.`,
  wouldMoveFrom: (from, to) => `Pasa de ${from} a ${to}.`,
  wouldUnlink: (from) => `Deja de ser de ${from} y queda sin cliente.`,
  isTheirs: (name) => `Ya es una compra de ${name}. No hay nada que asignar.`,
  isAnothers: (name) => `Es de ${name}. Para pasarla a otro cliente, pregunta a un encargado.`,
  howSure: '¿Cómo lo sabes?',
  evidence: {
    proven: ['Probado.', 'Tiene el recibo, o la tarjeta con que se pagó.'],
    confirmed: ['Lo dice la persona.', 'Ella misma lo ha confirmado.'],
    suggested: ['Lo parece.', 'Nadie lo ha confirmado.'],
  },
  note: 'Nota',
  noteHint: 'Qué has visto, o quién te lo ha dicho',
  link: 'Asignar',
  move: 'Pasar',
  linking: 'Guardando …',
  overrule: 'Lo sé con seguridad: lo dicho antes está mal.',
  overruleNow: 'Corregir',
  linkedTitle: 'Asignado',
  linked: (number) => `${number ? `El recibo ${number}` : 'El recibo'} ya es de este cliente.`,
  movedTitle: 'Cambiado',
  movedTo: (number, name) =>
    `${number ? `El recibo ${number}` : 'El recibo'} ${name === null ? 'ya no es de nadie' : `ya es de ${name}`}.`,
  openReceipt: 'Abrir el recibo',
  linkToCustomer: 'Asignar a un cliente …',
  notTheirs: 'No es suyo …',
  notTheirsTitle: '¿De quién es este recibo?',
  whose: 'Buscar el cliente',
  nobodys: 'De nadie: sin cliente',

  accessesTitle: 'Quién ha consultado esta ficha',
  accessesNote: 'Lo más reciente primero, de 13 meses. Consultar esta lista también se anota.',
  noAccesses: 'Nadie todavía.',
  accessActions: {
    getCustomer: 'ficha',
    getPurchaseSummary: 'cifras',
    getSpending: 'cifras',
    getPurchases: 'compras',
    getReceipt: 'recibo',
    getPurchase: 'recibo',
    findPurchases: 'hallado por número de recibo',
    suggestMerges: 'fichas parecidas',
    getMerges: 'uniones',
    getAccesses: 'esta lista',
    getChanges: 'cambios en vivo',
    returnPurchase: 'aceptó una devolución',
    mergeCustomers: 'unió fichas',
    unmergeCustomers: 'deshizo una unión',
    attributePurchase: 'asignó un recibo',
    exportCustomer: 'exportó todos los datos',
    eraseCustomer: 'borró',
    retention: 'borrado tras años sin compras',
  },
  outcomes: { 'dry-run': 'solo probado' },
  refusedAccess: 'rechazado',

  exportTitle: 'Exportar todos los datos',
  exportWhat:
    'Un archivo con todo lo que se sabe de esta persona: contacto, fichas unidas, todas las compras con artículos y pagos, y quién la ha consultado, por su función. Está escrito para máquinas (JSON).',
  exportCare:
    'No se lo des a nadie más y bórralo después de este dispositivo. La exportación se anota.',
  exportPart: 'No ves todas las tiendas: lo comprado en las otras no está dentro.',
  exportNow: 'Exportar',
  exporting: 'Exportando …',
  exportComing: 'Se está escribiendo … ',
  exportSaved: (name, size) => `Guardado como ${name} (${size}).`,
  exportBroken: [
    'El archivo se ha cortado',
    'No se ha guardado nada: una parte parecería el todo. Exporta otra vez.',
  ],

  eraseTitle: (name) => `¿Borrar ${name === null ? 'este cliente' : `a ${name}`}?`,
  eraseForGood: 'Nadie podrá deshacerlo.',
  eraseContact:
    'Desaparecen el nombre, el teléfono, el correo y la referencia, en todas las tiendas.',
  eraseOthers: (count) =>
    count === 1
      ? 'También una ficha que se unió a esta.'
      : `También ${count} fichas que se unieron a esta.`,
  eraseDetached: (count) =>
    count === 0
      ? 'No afecta a ninguna compra.'
      : `${count === 1 ? 'Queda' : 'Quedan'} ${purchases(count)} en los libros, con sus importes y sin nombre.`,
  eraseMerges: (count) =>
    count === 1
      ? 'Desaparecen las notas de una unión.'
      : `Desaparecen las notas de ${count} uniones.`,
  eraseDevices: 'Las cajas y tabletas lo olvidan al minuto de tener conexión.',
  typeToErase: 'Para confirmar, escribe',
  erase: 'Borrar para siempre',
  erasing: 'Borrando …',

  refusals: {
    'customer-not-found': () => [
      'Esa ficha ya no existe',
      'Alguien la ha quitado. Busca otra vez.',
    ],
    'into-itself': () => ['Es la misma ficha', 'Elige otra.'],
    'already-merged': (name) => [
      `${name} ya está en otra ficha`,
      'Deshaz antes esa unión, o elige la ficha a la que lleva.',
    ],
    'target-merged': (name) => [
      `${name} pasó a su vez a otra ficha`,
      'Elige la ficha a la que lleva.',
    ],
    erased: (name) => [
      `${name}: datos borrados`,
      'Quien pidió el olvido queda olvidado: no se puede hacer nada con esa ficha.',
    ],
    'others-merged': () => [
      'Desde entonces se ha unido otra ficha a este cliente',
      'No se borró nada. Abre el cliente y mira qué se borraría ahora.',
    ],
    blocked: (name) => [
      `${name}: cliente bloqueado`,
      'Antes tiene que desbloquearlo quien lo bloqueó, en la oficina. Después inténtalo otra vez.',
    ],
    'merge-not-found': () => [
      'Esa unión no es de este cliente',
      'Abre de nuevo el cliente y mira la lista de uniones.',
    ],
    'already-undone': () => [
      'Alguien ya la ha deshecho',
      'No queda nada por hacer. Abre de nuevo el cliente para verlo.',
    ],
    'purchase-not-found': () => [
      'Ese recibo no es de tus tiendas',
      'Pregunta a alguien de la tienda de la que es.',
    ],
    'not-permitted': () => [
      'Es de otro cliente',
      'Quitárselo es decisión de un encargado: pregúntale.',
    ],
    'stronger-evidence': () => [
      'Alguien estaba más seguro de quién es',
      'Pregunta otra vez a la persona, o corrige lo dicho antes.',
    ],
    'actor-unknown': () => [
      'Los registros de la caja no te conocen',
      'Pregunta a quien lleva tu acceso. No se ha cambiado nada.',
    ],
    'not-now': () => [
      'Ahora no se puede',
      'No se ha cambiado nada. Espera un momento e inténtalo otra vez.',
    ],
  },
}

import type { returning as texts } from '../en/returning.ts'

export const returning: typeof texts = {
  takeBack: 'Devolver',
  title: (number) => (number ? `Devolución de ${number}` : 'Devolución'),
  everything: 'Todo',
  what: 'Qué se devuelve',
  all: (quantity) => `Todo (${quantity})`,
  quantity: (product) => `Cuánto de ${product}`,
  more: (product) => `Más de ${product}`,
  less: (product) => `Menos de ${product}`,
  ofLeft: (chosen, left) => `${chosen} de ${left}`,
  nothingLeft: 'De este recibo no queda nada por devolver.',
  why: 'Por qué',
  reasons: {
    unwanted: 'Ya no lo quiere',
    wrong_size: 'Talla equivocada',
    wrong_item: 'Artículo equivocado',
    defective: 'Defectuoso',
    not_as_described: 'No es como se describe',
    other: 'Otra cosa',
  },
  reasonMissing: 'Elige por qué se devuelve.',
  how: 'Devolver el dinero',
  tenders: { original: 'Como se pagó', cash: 'En efectivo' },
  where: 'Se devuelve en',
  amount: 'A devolver',
  amountNone: 'Elige qué se devuelve',
  asking: 'Calculando…',
  confirm: (amount) => `Devolver · ${amount}`,
  sending: 'Devolviendo…',
  inCash: 'Devolver en efectivo',
  doneTitle: 'Devuelto',
  handOut: (amount) => `Entrega ${amount} en efectivo`,
  goesBack: (amount, to) => `${amount} vuelve a ${to}`,
  goesBackAsPaid: (amount) => `${amount} vuelve de la forma en que se pagó (no consta)`,
  asPaid: 'Como se pagó (no consta)',
  goesBackTo: {
    card: 'la tarjeta',
    gift_card: 'la tarjeta regalo',
    voucher: 'el vale',
    store_credit: 'su saldo de tienda',
    invoice: 'la factura',
  },
  nothingToPay: 'No hay nada que pagar.',
  printReturn: 'Imprimir el recibo',
  done: 'Hecho',
  waitingTitle: 'Aún no se sabe',
  waitingNote:
    'La conexión se cortó al enviarlo. No entregues dinero todavía: se envía otra vez sola, una sola vez, y esta aplicación muestra qué resultó.',
  unreachable:
    'No entregues dinero todavía. Inténtalo de nuevo, o guárdala como solicitud y resuélvela cuando haya conexión.',
  request: 'Guardar como solicitud',
  printRequest: 'Imprimir resguardo',
  requestedTitle: 'Sin resolver',
  requestedNote:
    'No hay conexión, así que nadie puede decir cuánto vale. No entregues dinero. Queda guardada en este dispositivo; cuando vuelva la conexión, resuélvela desde la lista de pendientes.',
  lessLeft: (product, left) =>
    `Alguien ha devuelto una parte entretanto. ${product}: quedan ${left}.`,
  refusals: {
    'more-than-remains': [
      'Queda menos de lo que elegiste',
      'Alguien ha devuelto una parte entretanto. Mira lo que queda.',
    ],
    'refund-changed': [
      'El importe ha cambiado',
      'Alguien ha devuelto algo entretanto. Dile al cliente el nuevo importe y devuélvelo.',
    ],
    'refund-out-of-range': [
      'Estos artículos valen más de lo que queda del pago, o menos que nada',
      'Devuelve también el descuento que se hizo por ellos: es una línea aparte.',
    ],
    'tender-exhausted': [
      'Queda muy poco de aquello con lo que se pagó',
      'Lo agotaron devoluciones anteriores. El resto se puede devolver en efectivo.',
    ],
    'not-returnable': [
      'Esto no se puede devolver',
      'Solo los artículos de una venta completada, y puede que se haya anulado entretanto.',
    ],
    'line-not-found': ['El recibo ha cambiado', 'Un artículo ya no está en él. Elige otra vez.'],
    'purchase-not-found': [
      'Este recibo ya no está en tus tiendas',
      'Búscalo por su número o consulta a un encargado.',
    ],
    'location-not-found': ['No trabajas en esta tienda', 'Elige otra tienda para la devolución.'],
    'source-busy': [
      'Una caja está trabajando con este recibo',
      'No se ha hecho nada. Espera a que termine allí y reinténtalo.',
    ],
    'not-permitted': ['Tu puesto no puede devolver artículos', 'Consulta a un encargado.'],
    'actor-unknown': [
      'Las cajas no te conocen',
      'Entra otra vez desde tu caja o consulta a un encargado: no se ha hecho nada.',
    ],
  },
}

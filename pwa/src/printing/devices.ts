/** The parts of Web Serial and WebUSB that are used; TypeScript's own library has neither. */

export interface Serial {
  getPorts(): Promise<SerialPort[]>
  requestPort(): Promise<SerialPort>
}

export interface SerialPort {
  open(options: { baudRate: number }): Promise<void>
  close(): Promise<void>
  forget?(): Promise<void>
  readonly writable: WritableStream<Uint8Array> | null
}

export interface Usb {
  getDevices(): Promise<UsbDevice[]>
  requestDevice(options: { filters: { classCode: number }[] }): Promise<UsbDevice>
}

export interface UsbDevice {
  open(): Promise<void>
  close(): Promise<void>
  forget?(): Promise<void>
  selectConfiguration(value: number): Promise<void>
  claimInterface(number: number): Promise<void>
  transferOut(endpoint: number, data: Uint8Array): Promise<{ status: string }>
  readonly configuration: { interfaces: UsbInterface[] } | null
}

interface UsbInterface {
  interfaceNumber: number
  alternate: {
    interfaceClass: number
    endpoints: { endpointNumber: number; direction: string; type: string }[]
  }
}

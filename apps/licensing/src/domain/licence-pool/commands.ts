import type { PaymentMethod } from '@pstream/contracts';

export type LicencePoolCommand =
  | {
      readonly type: 'PlaceOrder';
      readonly at: string;
      readonly workgroupId: string;
      readonly orderId: string;
      readonly quantity: number;
      readonly payment: PaymentMethod;
      /** The provider's receipt for a card; null when it charged nothing. */ readonly charge: string | null;
    }
  | {
      readonly type: 'RecordPayment';
      readonly at: string;
      readonly workgroupId: string;
      readonly orderId: string;
      readonly reference: string;
    }
  | {
      readonly type: 'ApplyBundles';
      readonly at: string;
      readonly workgroupId: string;
      readonly customerId: string;
      readonly users: readonly string[];
    };

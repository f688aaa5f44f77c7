export interface Code {
  /** Part of ids. */
  name: string;
  what: string;
  text: string;
}

export const PRINT: Code = { name: 'print', what: '`print(1)`', text: 'print(1)' };

/** What a chat asks for most: a table, kept as CSV and as an Excel book. */
export const TABLE: Code = {
  name: 'table',
  what: 'pandas → csv + xlsx',
  text: `
import pandas as pd
table = pd.DataFrame({'month': range(1, 13), 'sales': [x * 1.5 for x in range(12)]})
table.to_csv('sales.csv', index=False)
table.to_excel('sales.xlsx', index=False)
print(table.describe())`,
};

export const PLOT: Code = {
  name: 'plot',
  what: 'a saved plot',
  text: `
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
plt.plot([1, 4, 9, 16])
plt.savefig('plot.png')
print('saved')`,
};

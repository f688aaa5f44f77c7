/** Code to start with. */
export interface Example {
  title: string;
  code: string;
  /** Attached to the message before the code runs. */
  file?: { name: string; content: string };
}

const months = ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06'];
const regions = ['North', 'South', 'East', 'West'];

/** Made up, and always the same. */
const sales = [
  'month,region,product,units,revenue',
  ...months.flatMap((month, m) =>
    regions.flatMap((region, r) =>
      ['Lamp', 'Chair', 'Desk'].map((product, p) => {
        const units = 20 + ((m * 7 + r * 13 + p * 29) % 60);
        return `${month},${region},${product},${units},${(units * (19 + p * 40)).toFixed(2)}`;
      }),
    ),
  ),
].join('\n');

export const examples: readonly Example[] = [
  {
    title: 'Read a CSV',
    file: { name: 'sales.csv', content: sales },
    code: `import pandas as pd

sales = pd.read_csv('/mnt/data/sales.csv')
print(f'{len(sales)} rows, {sales["revenue"].sum():,.2f} in all')
sales.pivot_table(index='region', columns='month', values='revenue', aggfunc='sum')
`,
  },
  {
    title: 'Make a report',
    code: `import time
import pandas as pd
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

print('Collecting ...')
sales = pd.DataFrame({
    'Product': ['Lamp', 'Chair', 'Desk', 'Shelf'],
    'Units': [120, 80, 45, 60],
    'Price': [19.9, 59.0, 149.0, 89.5],
})
sales['Revenue'] = sales['Units'] * sales['Price']
time.sleep(0.5)

print('Writing report.xlsx ...')
with pd.ExcelWriter('/mnt/data/report.xlsx') as book:
    sales.to_excel(book, sheet_name='Sales', index=False)
    sales.describe().round(2).to_excel(book, sheet_name='Statistics')
time.sleep(0.5)

print('Writing report.csv ...')
sales.to_csv('/mnt/data/report.csv', index=False)

print('Writing report.pdf ...')
styles = getSampleStyleSheet()
rows = [list(sales.columns), *sales.round(2).values.tolist()]
SimpleDocTemplate('/mnt/data/report.pdf', pagesize=A4, title='Sales').build(
    [Paragraph('Sales', styles['Title']), Table(rows)]
)
print('Done.')
sales
`,
  },
  {
    title: 'Plot',
    code: `import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 4 * np.pi, 400)
fig, axes = plt.subplots(figsize=(8, 3.6))
for damping in (0.05, 0.15, 0.3):
    axes.plot(x, np.exp(-damping * x) * np.cos(2 * x), label=f'damping {damping}')
axes.set(title='Damped oscillation', xlabel='time', ylabel='amplitude')
axes.legend()
axes.grid(alpha=0.3)
fig.savefig('/mnt/data/oscillation.png', dpi=150)
plt.show()
`,
  },
  {
    title: 'Long run',
    code: `import time

total = 60
for step in range(1, total + 1):
    bar = '█' * (step * 30 // total)
    print(f'\\r\\x1b[32m{bar:<30}\\x1b[0m {step}/{total}', end='', flush=True)
    time.sleep(0.5)
print('\\nAll steps are done.')
`,
  },
];

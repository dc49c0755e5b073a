namespace EdgeAgent.Benchmarks.Eval;

/// <summary>Logistic regression by Newton's method (iteratively reweighted least squares), with a little ridge.</summary>
internal static class LogisticFit
{
    private const int Rounds = 40;

    /// <summary>Pulls the weights towards 0 as this many examples would.</summary>
    private const double Ridge = 1;

    /// <returns>The bias, then one weight a feature.</returns>
    public static float[] Fit(IReadOnlyList<(float[] Features, bool Right)> examples)
    {
        if (examples.Count == 0)
            throw new InputException("There is nothing to fit: nothing was read.");
        int size = examples[0].Features.Length + 1;
        var weights = new double[size];
        for (int round = 0; round < Rounds; round++)
        {
            var matrix = new double[size, size + 1];
            foreach (var (features, right) in examples)
                Add(features, right, weights, matrix);
            for (int i = 0; i < size; i++)
            {
                // The bias is free.
                matrix[i, i] += i == 0 ? 1e-6 : Ridge;
                matrix[i, size] -= i == 0 ? 0 : Ridge * weights[i];
            }
            Solve(matrix);
            double change = 0;
            for (int i = 0; i < size; i++)
            {
                double step = Math.Clamp(matrix[i, size], -2, 2);
                weights[i] += step;
                change = Math.Max(change, Math.Abs(step));
            }
            if (change < 1e-5)
                break;
        }
        return [.. weights.Select(w => (float)w)];
    }

    /// <summary>One example's part of the Hessian and, in the last column, of the gradient.</summary>
    private static void Add(float[] features, bool right, double[] weights, double[,] matrix)
    {
        int size = weights.Length;
        double X(int i) => i == 0 ? 1 : features[i - 1];
        double sum = 0;
        for (int i = 0; i < size; i++)
            sum += weights[i] * X(i);
        double p = 1 / (1 + Math.Exp(-sum)), spread = Math.Max(p * (1 - p), 1e-6);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
                matrix[i, j] += spread * X(i) * X(j);
            matrix[i, size] += ((right ? 1 : 0) - p) * X(i);
        }
    }

    /// <summary>Gauss–Jordan with pivots; the answer is in the last column.</summary>
    private static void Solve(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        for (int column = 0; column < size; column++)
        {
            int pivot = column;
            for (int row = column + 1; row < size; row++)
                if (Math.Abs(matrix[row, column]) > Math.Abs(matrix[pivot, column]))
                    pivot = row;
            for (int j = 0; j <= size; j++)
                (matrix[column, j], matrix[pivot, j]) = (matrix[pivot, j], matrix[column, j]);
            double divisor = matrix[column, column];
            for (int j = 0; j <= size; j++)
                matrix[column, j] /= divisor;
            for (int row = 0; row < size; row++)
            {
                double factor = row == column ? 0 : matrix[row, column];
                for (int j = 0; factor != 0 && j <= size; j++)
                    matrix[row, j] -= factor * matrix[column, j];
            }
        }
    }
}

"""How much N servers do together: Amdahl's law and the universal scalability law.

A kitchen with one stove. The second cook helps, the tenth waits for the stove
(contention), and the fortieth spends the evening telling the others what is on the
fire (coherency). Contention, α, makes throughput level off; coherency, β, makes it
fall: past a peak, each server added makes all of them together do less.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Floats = NDArray[np.float64]

SMALLEST_EFFECT = 1e-12  # contention or coherency whose whole effect is rounding error is none
MOST_STEPS = 500


def amdahl(n: ArrayLike, serial_fraction: float) -> Floats:
    """Give the speed-up of N servers when part of the work is done by one at a time.

    Parameters
    ----------
    n
        Servers, at least 1, any shape.
    serial_fraction
        Share of the work that cannot be split, from 0 to 1.

    Returns
    -------
    Speed-up over one server, of the shape of `n`: never above 1 / serial_fraction.

    Notes
    -----
    N / (1 + σ(N − 1)), G. M. Amdahl (AFIPS 1967).

    Examples
    --------
    >>> print(amdahl([1, 10, 1000], serial_fraction=0.05).round(2))
    [ 1.    6.9  19.63]
    """
    require.between("serial_fraction", serial_fraction, 0, 1)
    return universal_scalability(n, alpha=serial_fraction, beta=0.0)


def universal_scalability(n: ArrayLike, alpha: float, beta: float, gamma: float = 1.0) -> Floats:
    """Give the throughput of N servers by the universal scalability law.

    Parameters
    ----------
    n
        Servers, at least 1, any shape.
    alpha
        Contention: share of the work done by one at a time, from 0 to 1.
    beta
        Coherency: what each pair of servers spends on agreeing, at least 0.
    gamma
        Throughput of one server, above 0, in requests/s.

    Returns
    -------
    Throughput in the unit of `gamma`, of the shape of `n`.

    Notes
    -----
    X(N) = γN / (1 + α(N − 1) + βN(N − 1)), N. J. Gunther, *Guerrilla Capacity
    Planning* (2007), chapter 6. With β = 0 it is Amdahl's law.

    Examples
    --------
    >>> print(universal_scalability([1, 44, 100], alpha=0.02, beta=0.0005).round(1))
    [ 1.  15.7 12.6]
    """
    servers = np.asarray(n, dtype=np.float64)
    check_coefficients(alpha, beta)
    require.positive("gamma", gamma)
    wrong = servers[~((servers >= 1) & np.isfinite(servers))]
    if wrong.size:
        raise ValueError(f"n must be finite and at least 1, got {wrong[0]}")
    return gamma * servers / cost_of_sharing(servers, alpha, beta)


def peak_servers(alpha: float, beta: float) -> float:
    """Give the number of servers at which throughput is highest, √((1 − α)/β).

    Parameters
    ----------
    alpha, beta
        Contention, from 0 to 1, and coherency, at least 0.

    Returns
    -------
    Servers; infinite without coherency; below 1 if the second one already does harm.

    Examples
    --------
    >>> round(peak_servers(alpha=0.02, beta=0.0005), 1)
    44.3
    """
    check_coefficients(alpha, beta)
    return math.sqrt((1 - alpha) / beta) if beta > 0 else math.inf


def measure_throughput(
    n: ArrayLike,
    alpha: float,
    beta: float,
    gamma: float,
    noise: float = 0.03,
    rng: int | np.random.Generator = 0,
) -> Floats:
    """Make up load-test results around the law, to try a fit on.

    Parameters
    ----------
    n
        Servers in each test, any shape.
    alpha, beta, gamma
        As in `universal_scalability`.
    noise
        Standard deviation of a result as a share of it, from 0 to 0.2.
    rng
        A seed or a generator.

    Returns
    -------
    Throughput with independent normal errors, of the shape of `n`.

    Examples
    --------
    >>> print(measure_throughput([1, 8, 64], 0.02, 0.0005, gamma=1000, noise=0).round())
    [ 1000.  6849. 14967.]
    """
    require.between("noise", noise, 0, 0.2)
    truth = universal_scalability(n, alpha, beta, gamma)
    return truth * (1 + noise * require.generator(rng).standard_normal(truth.shape))


@dataclass(frozen=True, eq=False)
class ScalabilityFit:
    """The law drawn through measurements.

    Attributes
    ----------
    servers, throughput
        What was measured, by rising number of servers, shape (measurements,).
    alpha, beta, gamma
        Contention, coherency, and the throughput of one server.
    covariance
        Of alpha, beta and gamma, shape (3, 3); infinite with only three measurements,
        which leave no error to judge by.
    residual
        Root mean square of measured less fitted throughput, in the throughput's unit.
    """

    servers: Floats
    throughput: Floats
    alpha: float
    beta: float
    gamma: float
    covariance: Floats
    residual: float

    def __repr__(self) -> str:
        margins = self.margins_in_errors
        peak = (
            f"peak at {self.peak_servers:.1f} ± {margins * self.peak_error:.2g} servers"
            if math.isfinite(self.peak_servers)
            else "no peak in sight"
        )
        return (
            f"ScalabilityFit: alpha {self.alpha:.4f} ± {margins * self.alpha_error:.2g}, "
            f"beta {self.beta:.3g} ± {margins * self.beta_error:.2g}, "
            f"gamma {self.gamma:.4g} ± {margins * self.gamma_error:.2g}, {peak}"
        )

    @property
    def margins_in_errors(self) -> float:
        """Standard errors in half of a 95 % interval: Student's t with n − 3 degrees.

        Infinite with three measurements; near 1.96 with many.
        """
        from scipy.special import stdtrit

        freedom = self.servers.size - 3
        return float(stdtrit(freedom, 0.975)) if freedom > 0 else math.inf

    @property
    def alpha_error(self) -> float:
        """Standard error of alpha."""
        return math.sqrt(self.covariance[0, 0])

    @property
    def beta_error(self) -> float:
        """Standard error of beta."""
        return math.sqrt(self.covariance[1, 1])

    @property
    def gamma_error(self) -> float:
        """Standard error of gamma, in the unit of the throughput."""
        return math.sqrt(self.covariance[2, 2])

    @property
    def peak_servers(self) -> float:
        """Servers at the highest throughput, at least 1; infinite without coherency."""
        return max(peak_servers(self.alpha, self.beta), 1.0)

    @property
    def peak_error(self) -> float:
        """Standard error of the peak, by the slopes of √((1 − α)/β); infinite where flat."""
        if self.beta == 0 or self.alpha == 1 or not np.isfinite(self.covariance).all():
            return math.inf
        peak = peak_servers(self.alpha, self.beta)
        slope = np.array([-peak / (2 * (1 - self.alpha)), -peak / (2 * self.beta)])
        return math.sqrt(slope @ self.covariance[:2, :2] @ slope)

    @property
    def peak_throughput(self) -> float:
        """Highest throughput of any number of servers; without coherency the limit γ/α."""
        if math.isfinite(self.peak_servers):
            return float(self.predict(self.peak_servers))
        return self.gamma / self.alpha if self.alpha > 0 else math.inf

    def predict(self, n: ArrayLike) -> Floats:
        """Give the fitted throughput of `n` servers, of the shape of `n`."""
        return universal_scalability(n, self.alpha, self.beta, self.gamma)

    def predict_error(self, n: ArrayLike) -> Floats:
        """Give the standard error of the fitted throughput, of the shape of `n`."""
        slopes = slopes_of(np.asarray(n, dtype=np.float64), self.alpha, self.beta, self.gamma)
        if not np.isfinite(self.covariance).all():
            return np.full(slopes.shape[:-1], np.inf)
        variance: Floats = np.einsum("...i,ij,...j->...", slopes, self.covariance, slopes)
        return np.sqrt(variance)


def fit_universal_scalability(n: ArrayLike, throughput: ArrayLike) -> ScalabilityFit:
    """Draw the universal scalability law through measurements.

    Parameters
    ----------
    n
        Servers in each measurement, at least 1, in any order, at least three different
        numbers, shape (measurements,).
    throughput
        Throughput reached, above 0, in requests/s or any other unit, same shape.

    Notes
    -----
    Least squares on the throughput with α from 0 to 1, β ≥ 0 and γ > 0, started from
    the form in which N/X is a quadratic in N (Gunther 2007, chapter 5). Searched twice:
    within the bounds, where one always gets down, and along them, where α or β is
    exactly 0; the better one counts. The standard errors take the law as straight near
    the fit and the errors as equally large.

    Examples
    --------
    >>> servers = [1, 2, 4, 8, 16, 32]
    >>> fit = fit_universal_scalability(servers, universal_scalability(servers, 0.02, 0.0005, 900))
    >>> f"{fit.alpha:.3f} {fit.beta:.5f} {fit.gamma:.0f}, peak at {fit.peak_servers:.1f}"
    '0.020 0.00050 900, peak at 44.3'
    """
    servers, measured = as_measurements(n, throughput)
    scale = measured.max()
    searches = [least_squares_of(servers, measured / scale, way) for way in ("dogbox", "trf")]
    settled = [search for search in searches if search.status > 0]
    if not settled:
        raise RuntimeError(f"the search for the least squares took over {MOST_STEPS} steps")
    found = min(settled, key=lambda search: search.cost)
    alpha, beta, gamma = (float(value) for value in found.x)
    unit = np.array([1.0, 1.0, scale])
    return ScalabilityFit(
        servers=servers,
        throughput=measured,
        alpha=alpha if alpha * servers[-1] > SMALLEST_EFFECT else 0.0,
        beta=beta if beta * servers[-1] ** 2 > SMALLEST_EFFECT else 0.0,
        gamma=gamma * scale,
        covariance=covariance_of(found.jac, found.fun) * np.outer(unit, unit),
        residual=float(scale * np.sqrt(np.mean(found.fun**2))),
    )


def least_squares_of(servers: Floats, target: Floats, way: str) -> "OptimizeResult":
    """Search for the least squares from the starting values, in one of SciPy's ways."""
    from scipy.optimize import least_squares

    return least_squares(
        lambda p: p[2] * servers / cost_of_sharing(servers, p[0], p[1]) - target,
        starting_values(servers, target),
        jac=lambda p: slopes_of(servers, *p),
        bounds=([0, 0, 0], [1, np.inf, np.inf]),
        method=way,
        x_scale="jac",
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=MOST_STEPS,
    )


def cost_of_sharing(servers: Floats, alpha: float, beta: float) -> Floats:
    """Give how many times the work of N servers grows by sharing it."""
    return 1 + (alpha + beta * servers) * (servers - 1)


def slopes_of(servers: Floats, alpha: float, beta: float, gamma: float) -> Floats:
    """Give the slopes of the throughput in alpha, beta and gamma, shape (..., 3)."""
    cost = cost_of_sharing(servers, alpha, beta)
    by_gamma = servers / cost
    by_alpha = -gamma * by_gamma * (servers - 1) / cost
    return np.stack([by_alpha, by_alpha * servers, by_gamma], axis=-1)


def starting_values(servers: Floats, target: Floats) -> Floats:
    """Give alpha, beta and gamma by non-negative least squares on N/X, weighted back to X."""
    from scipy.optimize import nnls

    weight = target**2 / servers
    columns = np.stack([np.ones_like(servers), servers - 1, servers * (servers - 1)], axis=1)
    columns *= weight[:, np.newaxis]
    size = np.linalg.norm(columns, axis=0)
    one, contention, coherency = nnls(columns / size, weight * servers / target)[0] / size
    gamma = 1 / one if one > 0 else (target / servers).max()
    return np.array([min(contention * gamma, 1.0), coherency * gamma, gamma])


def covariance_of(slopes: Floats, errors: Floats) -> Floats:
    """Give the covariance of the fitted parameters from the slopes and errors at the fit."""
    freedom = errors.size - 3
    if freedom == 0:
        return np.full((3, 3), np.inf)
    size = np.linalg.norm(slopes, axis=0)
    inverse = np.linalg.pinv(slopes / size)
    return (inverse @ inverse.T) / np.outer(size, size) * (errors @ errors / freedom)


def check_coefficients(alpha: float, beta: float) -> None:
    """Refuse a contention or a coherency that is out of range."""
    require.between("alpha", alpha, 0, 1)
    require.not_negative("beta", beta)


def as_measurements(n: ArrayLike, throughput: ArrayLike) -> tuple[Floats, Floats]:
    """Give both columns as floats by rising number of servers, or say what is wrong."""
    servers = np.asarray(n, dtype=np.float64)
    measured = np.asarray(throughput, dtype=np.float64)
    if servers.ndim != 1 or servers.shape != measured.shape:
        raise ValueError(
            f"throughput must be a column as long as n, got shapes {measured.shape} and "
            f"{servers.shape}"
        )
    for name, values, right, bound in (
        ("n", servers, servers >= 1, "at least 1"),
        ("throughput", measured, measured > 0, "above 0"),
    ):
        wrong = values[~(right & np.isfinite(values))]
        if wrong.size:
            raise ValueError(f"{name} must be finite and {bound}, got {wrong[0]}")
    different = np.unique(servers).size
    if different < 3:
        raise ValueError(f"n must hold at least 3 different numbers of servers, got {different}")
    order = np.argsort(servers, kind="stable")
    return servers[order], measured[order]
